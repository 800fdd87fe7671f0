package dev.coracle.cloudlb.balancer;

import dev.coracle.cloudlb.target.HealthCheck;
import dev.coracle.cloudlb.target.HealthChecks;
import dev.coracle.cloudlb.target.TargetHealth;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One load balancer: its listeners, its health checks and its draining targets. Thread-safe. */
public final class LoadBalancer {

    /** A target as the REST API shows it. */
    public record TargetReport(
            String name, String address, TargetHealth health, int activeConnections) {}

    private final ServedListeners listeners;
    private final NetworkNamespace inside;
    private final Duration deregistrationDelay;
    private final Instant createdAt;
    private final Set<String> draining = new ConcurrentSkipListSet<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private LoadBalancerSpec spec;
    private LoadBalancerState state = new LoadBalancerState.Provisioning();
    private @Nullable HealthChecks checks;

    LoadBalancer(
            LoadBalancerSpec spec,
            ServedListeners listeners,
            NetworkNamespace inside,
            Duration deregistrationDelay,
            Instant createdAt) {
        this.spec = spec;
        this.listeners = listeners;
        this.inside = inside;
        this.deregistrationDelay = deregistrationDelay;
        this.createdAt = createdAt;
    }

    public synchronized LoadBalancerSpec spec() {
        return spec;
    }

    public synchronized LoadBalancerState state() {
        return state;
    }

    public Instant createdAt() {
        return createdAt;
    }

    /** The targets and those that were, while they drain. */
    public synchronized List<TargetReport> targets() {
        List<TargetReport> reports = new ArrayList<>();
        for (LoadBalancerSpec.Target target : spec.targets()) {
            TargetHealth health =
                    checks == null ? TargetHealth.initial() : checks.health(target.address());
            reports.add(
                    new TargetReport(
                            target.name(),
                            target.address(),
                            health,
                            listeners.activeConnections(target.address())));
        }
        for (String address : draining) {
            reports.add(
                    new TargetReport(
                            "",
                            address,
                            new TargetHealth.Draining(),
                            listeners.activeConnections(address)));
        }
        return reports;
    }

    synchronized void ask(LoadBalancerSpec wanted) {
        if (!wanted.listeners().equals(spec.listeners())
                || state instanceof LoadBalancerState.Failed) {
            state = new LoadBalancerState.Provisioning();
        }
        spec = wanted;
    }

    synchronized void fail(String reason) {
        state = new LoadBalancerState.Failed(reason);
    }

    /** Serves what is asked for at {@code address}. */
    synchronized void serve(String address) {
        Set<String> before = checks == null ? Set.of() : followed;
        Set<String> now =
                spec.targets().stream()
                        .map(LoadBalancerSpec.Target::address)
                        .collect(Collectors.toCollection(TreeSet::new));
        HealthCheck check = realCheck();
        if (checks == null || !checks.check().equals(check)) {
            closeChecks();
            checks = new HealthChecks(inside, check);
        }
        HealthChecks asking = checks;
        asking.follow(now);
        draining.removeAll(now);
        before.stream().filter(old -> !now.contains(old)).forEach(this::drain);
        followed = now;
        try {
            LoadBalancerSpec served = spec;
            listeners.apply(
                    address,
                    served.listeners(),
                    port -> new TargetChoice(served, port, asking::health));
            state = new LoadBalancerState.Active(address);
        } catch (IOException e) {
            state = new LoadBalancerState.Failed(String.valueOf(e.getMessage()));
        }
    }

    synchronized void close() {
        closed.countDown();
        listeners.close();
        closeChecks();
    }

    private Set<String> followed = Set.of();

    private HealthCheck realCheck() {
        HealthCheck check = spec.healthCheck();
        return check.port() != 0
                ? check
                : new HealthCheck(
                        check.protocol(),
                        spec.listeners().getFirst().targetPort(),
                        check.path(),
                        check.intervalMillis(),
                        check.timeoutMillis(),
                        check.healthyThreshold(),
                        check.unhealthyThreshold());
    }

    private void closeChecks() {
        if (checks != null) {
            checks.close();
        }
    }

    private void drain(String target) {
        draining.add(target);
        Thread.ofVirtual()
                .name("drain-" + target)
                .start(() -> {
                    try {
                        boolean ended =
                                closed.await(deregistrationDelay.toMillis(), TimeUnit.MILLISECONDS);
                        if (!ended && draining.remove(target)) {
                            drop(target);
                        }
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private synchronized void drop(String target) {
        listeners.dropConnections(target);
    }
}
