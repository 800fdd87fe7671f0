package dev.coracle.nodeagent.stats;

import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the node every ten seconds, and while it is short of memory or disk ends one pod each
 * time. Thread-safe.
 */
public final class NodeWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final int CRITICAL = 2_000_000_000;

    private final Path stateFolder;
    private final Timers timers;
    private final StatsSummary summary;
    private final Supplier<List<PodAccount>> pods;
    private final Supplier<Map<String, String>> beyondStorage;
    private final BiConsumer<String, String> evict;
    private final Consumer<Pressure> onChange;
    private volatile Pressure pressure = Pressure.NONE;
    private volatile boolean closed;

    /**
     * A watch that has not begun.
     *
     * @param summary is read each time, so that it knows rates
     * @param beyondStorage pods that have written more than they may, by uid, and why
     * @param evict ends a pod, by uid, with a message
     * @param onChange hears that {@link #pressure} has changed
     */
    public NodeWatch(
            Path stateFolder,
            Timers timers,
            StatsSummary summary,
            Supplier<List<PodAccount>> pods,
            Supplier<Map<String, String>> beyondStorage,
            BiConsumer<String, String> evict,
            Consumer<Pressure> onChange) {
        this.stateFolder = stateFolder;
        this.timers = timers;
        this.summary = summary;
        this.pods = pods;
        this.beyondStorage = beyondStorage;
        this.evict = evict;
        this.onChange = onChange;
    }

    /** Begins to look. */
    public void start() {
        Timers.Timer _ = timers.after(Duration.ZERO, this::look);
    }

    /** What the node is short of. */
    public Pressure pressure() {
        return pressure;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            var _ = summary.summary();
            NodeUsage usage = NodeUsage.read(stateFolder);
            Pressure now = Pressure.of(usage);
            if (!now.equals(pressure)) {
                pressure = now;
                onChange.accept(now);
            }
            beyondStorage.get().forEach(evict);
            if (now.memory()) {
                relieve("memory", Pressure.LEAST_MEMORY, usage.memoryAvailable());
            } else if (now.disk()) {
                relieve("ephemeral-storage", usage.diskTotal() / 10, usage.diskAvailable());
            }
        } catch (IOException | RuntimeException e) {
            log.warn("the node's figures cannot be read: {}", e.getMessage());
        }
        Timers.Timer _ = timers.after(PERIOD, this::look);
    }

    private void relieve(String resource, long threshold, long available) {
        List<EvictionOrder.Candidate> candidates =
                pods.get().stream()
                        .filter(account -> priority(account.pod()) < CRITICAL)
                        .map(account ->
                                new EvictionOrder.Candidate(
                                        account.pod().getMetadata().getUid(),
                                        priority(account.pod()),
                                        account.usage().workingSetBytes(),
                                        requested(account.pod(), resource)))
                        .toList();
        Optional<EvictionOrder.Candidate> first = EvictionOrder.first(candidates);
        first.ifPresent(candidate ->
                evict.accept(
                        candidate.uid(),
                        "The node was low on resource: %s. Threshold quantity: %d, available: %dKi. "
                                .formatted(resource, threshold, available / 1024)));
    }

    private static int priority(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getPriority(), 0);
    }

    private static long requested(Pod pod, String resource) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Container container : pod.getSpec().getContainers()) {
            if (container.getResources() != null
                    && container.getResources().getRequests() != null) {
                Quantity amount = container.getResources().getRequests().get(resource);
                sum = amount == null ? sum : sum.add(Quantity.getAmountInBytes(amount));
            }
        }
        return sum.longValue();
    }
}
