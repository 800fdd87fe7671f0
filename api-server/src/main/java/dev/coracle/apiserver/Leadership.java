package dev.coracle.apiserver;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turn at running the control loops, when several API servers share a database: the Lease
 * {@code kube-controller-manager}, with kube-controller-manager's times.
 */
final class Leadership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final String identity;
    private final Runnable begin;
    private final Runnable end;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile @Nullable CompletableFuture<?> running;
    private volatile boolean closed;
    private volatile String leader = "";

    /**
     * Not yet a candidate.
     *
     * @param identity names this server; the same after a restart, so that it goes on at once
     * @param begin runs when the turn comes
     * @param end runs when it is lost
     */
    Leadership(KubernetesClient client, String identity, Runnable begin, Runnable end) {
        this.client = client;
        this.identity = identity;
        this.begin = begin;
        this.end = end;
    }

    /** Becomes a candidate, again and again. */
    void start() {
        if (closed) {
            return;
        }
        CompletableFuture<?> election =
                new LeaderElector(
                                client,
                                new LeaderElectionConfigBuilder()
                                        .withName("kube-controller-manager")
                                        .withLock(
                                                new LeaseLock(
                                                        "kube-system",
                                                        "kube-controller-manager",
                                                        identity))
                                        .withLeaseDuration(LEASE)
                                        .withRenewDeadline(RENEWAL)
                                        .withRetryPeriod(RETRY)
                                        .withReleaseOnCancel(true)
                                        .withLeaderCallbacks(
                                                new LeaderCallbacks(begin, end, this::changed))
                                        .build(),
                                threads)
                        .start();
        running = election;
        CompletableFuture<?> _ = election.whenComplete((_, _) -> start());
    }

    private void changed(String now) {
        leader = now;
        LOG.info("the control loops run on {}", now);
    }

    /** Whether another server has the turn. */
    boolean isStandby() {
        return !leader.isEmpty() && !leader.equals(identity);
    }

    /** Gives the turn back, so that another server need not wait for it to run out. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<?> election = running;
        if (election != null) {
            election.cancel(true);
        }
        threads.close();
    }
}
