package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the rules of one node in step with Services and EndpointSlices.
 *
 * <p>Owns one virtual thread: {@link #changed()} wakes it, any number of changes that arrive during
 * a sync lead to one more. A failed sync is tried again.
 */
public final class ServiceProxy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceProxy.class);
    private static final long RETRY_MILLIS = 1000;

    private final String node;
    private final RuleApplier applier;
    private final Supplier<List<Service>> services;
    private final Supplier<List<EndpointSlice>> slices;
    private final LinkedBlockingQueue<Boolean> wake = new LinkedBlockingQueue<>(1);
    private volatile boolean synced;
    private volatile @Nullable Thread thread;

    ServiceProxy(
            String node,
            RuleApplier applier,
            Supplier<List<Service>> services,
            Supplier<List<EndpointSlice>> slices) {
        this.node = node;
        this.applier = applier;
        this.services = services;
        this.slices = slices;
    }

    /**
     * A proxy in {@code network}, not yet started.
     *
     * @param mode never AUTO
     */
    public static ServiceProxy create(
            String node,
            ProxyMode mode,
            NodeNetwork network,
            NetworkNamespace namespace,
            Supplier<List<Service>> services,
            Supplier<List<EndpointSlice>> slices)
            throws IOException {
        return new ServiceProxy(
                node, ProxyMode.applier(mode, network, namespace), services, slices);
    }

    /** Starts with a first sync. */
    public void start() {
        thread = Thread.ofVirtual().name("service-proxy-" + node).start(this::loop);
        changed();
    }

    /** Says that a Service or EndpointSlice has changed. Never blocks. */
    public void changed() {
        boolean _ = wake.offer(true);
    }

    /** Whether rules have been in force at least once. */
    public boolean isSynced() {
        return synced;
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        applier.close();
    }

    private void loop() {
        @Nullable RuleSet inForce = null;
        boolean failed = false;
        try {
            while (true) {
                if (failed) {
                    Boolean _ = wake.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                } else {
                    Boolean _ = wake.take();
                }
                RuleSet wanted = ServiceTopology.ruleSet(services.get(), slices.get(), node);
                failed = !wanted.equals(inForce) && !applied(wanted);
                if (!failed) {
                    inForce = wanted;
                    synced = true;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean applied(RuleSet wanted) {
        try {
            applier.apply(wanted);
            return true;
        } catch (IOException e) {
            log.warn("node '{}': rules not applied, trying again: {}", node, e.getMessage());
            return false;
        }
    }
}
