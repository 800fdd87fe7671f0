package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.forwarder.BackendChooser;
import dev.coracle.forwarder.RoundRobinBackends;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which backends a client of one front gets: by turns, or the one it has had before. Thread-safe.
 */
final class ClientChoice implements BackendChooser {

    private static final int SWEPT_ABOVE = 4096;

    private final NodeNetwork node;
    private final LongSupplier nanos;
    private final Map<String, Stay> stays = new ConcurrentHashMap<>();
    private volatile @Nullable View view;

    /** Refuses everybody until {@link #replace}; {@code nanos} is elapsed time. */
    ClientChoice(NodeNetwork node, LongSupplier nanos) {
        this.node = node;
        this.nanos = nanos;
    }

    /** A client's backend, until a time. */
    private record Stay(InetSocketAddress backend, long untilNanos) {}

    private record View(
            ServiceRule rule,
            Front front,
            RoundRobinBackends inside,
            RoundRobinBackends outside,
            Set<InetSocketAddress> all) {

        boolean admits(String client) {
            return !rule.isRestricted(front)
                    || rule.sourceRanges().stream().anyMatch(range -> range.contains(client));
        }
    }

    /** For the next connection. Clients stay with backends that are still there. */
    void replace(ServiceRule rule, Front front) {
        List<InetSocketAddress> inside = addresses(rule.backends(front, true));
        List<InetSocketAddress> outside = addresses(rule.backends(front, false));
        Set<InetSocketAddress> all = new HashSet<>(inside);
        all.addAll(outside);
        view =
                new View(
                        rule,
                        front,
                        new RoundRobinBackends(inside),
                        new RoundRobinBackends(outside),
                        all);
        if (rule.affinitySeconds() == 0) {
            stays.clear();
        } else {
            stays.values().removeIf(stay -> !all.contains(stay.backend()));
        }
    }

    /** Whether a connection to {@code backend} would still be made. */
    boolean mayEndAt(InetSocketAddress backend) {
        View now = view;
        return now != null && now.all().contains(backend);
    }

    @Override
    public List<InetSocketAddress> candidates(InetSocketAddress client) {
        View now = view;
        if (now == null) {
            return List.of();
        }
        String address = client.getAddress().getHostAddress();
        if (address.equals(now.front().address())) {
            // the node itself: the address is local there, and both ends of the connection have it
            address = node.nodeAddress();
        }
        if (!now.admits(address)) {
            return List.of();
        }
        RoundRobinBackends backends = node.isInside(address) ? now.inside() : now.outside();
        int affinity = now.rule().affinitySeconds();
        return affinity == 0
                ? backends.candidates(client)
                : stay(address, client, backends, affinity);
    }

    private List<InetSocketAddress> stay(
            String address, InetSocketAddress client, RoundRobinBackends backends, int seconds) {
        long time = nanos.getAsLong();
        long until = time + TimeUnit.SECONDS.toNanos(seconds);
        if (stays.size() > SWEPT_ABOVE) {
            stays.values().removeIf(stay -> stay.untilNanos() - time < 0);
        }
        Stay kept =
                stays.compute(
                        address,
                        (_, stay) -> {
                            if (stay != null
                                    && stay.untilNanos() - time >= 0
                                    && backends.backends().contains(stay.backend())) {
                                return new Stay(stay.backend(), until);
                            }
                            List<InetSocketAddress> candidates = backends.candidates(client);
                            return candidates.isEmpty()
                                    ? null
                                    : new Stay(candidates.getFirst(), until);
                        });
        return kept == null ? List.of() : List.of(kept.backend());
    }

    private static List<InetSocketAddress> addresses(List<Backend> backends) {
        return backends.stream()
                .map(backend -> new InetSocketAddress(backend.address(), backend.port()))
                .toList();
    }
}
