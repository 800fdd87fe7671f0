package dev.coracle.cloudlb.balancer;

import dev.coracle.cloudlb.target.TargetHealth;
import dev.coracle.forwarder.BackendChooser;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Chooses the targets of a connection: healthy ones in turn, or always the same for one client. If
 * none is healthy all are tried, as clouds do: a health check that is wrong must not cut off a
 * Service that works.
 */
final class TargetChoice implements BackendChooser {

    private final LoadBalancerSpec spec;
    private final int port;
    private final List<SourceRange> ranges;
    private final Function<String, TargetHealth> health;
    private final AtomicInteger turn = new AtomicInteger();

    TargetChoice(LoadBalancerSpec spec, int port, Function<String, TargetHealth> health) {
        this.spec = spec;
        this.port = port;
        this.ranges = spec.sourceRanges().stream().map(SourceRange::of).toList();
        this.health = health;
    }

    @Override
    public List<InetSocketAddress> candidates(InetSocketAddress client) {
        InetAddress source = client.getAddress();
        if (!ranges.isEmpty() && ranges.stream().noneMatch(range -> range.contains(source))) {
            return List.of();
        }
        List<String> addresses =
                spec.targets().stream().map(LoadBalancerSpec.Target::address).toList();
        List<String> healthy = addresses.stream().filter(this::isHealthy).toList();
        List<String> chosen = new ArrayList<>(healthy.isEmpty() ? addresses : healthy);
        Collections.sort(chosen);
        int start = spec.sourceAffinity() ? source.hashCode() : turn.getAndIncrement();
        Collections.rotate(chosen, -Math.floorMod(start, Math.max(1, chosen.size())));
        return chosen.stream()
                .map(a -> new InetSocketAddress(InetAddress.ofLiteral(a), port))
                .toList();
    }

    private boolean isHealthy(String address) {
        return health.apply(address) instanceof TargetHealth.Healthy;
    }
}
