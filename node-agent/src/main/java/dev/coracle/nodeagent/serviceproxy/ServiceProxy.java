package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the rules of one node in step with Services and EndpointSlices.
 *
 * <p>Owns one virtual thread. What has changed is named, and only that is looked at: a sync costs
 * what the changes since the last one do, however many Services there are. A failed sync is tried
 * again.
 */
public final class ServiceProxy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceProxy.class);
    private static final long RETRY_MILLIS = 1000;

    private final String node;
    private final List<String> addresses;
    private final RuleApplier applier;
    private final ServiceObjects objects;
    private final HealthCheckPorts healthChecks;
    private final ProxyMetrics metrics;
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<Boolean> wake = new LinkedBlockingQueue<>(1);
    private volatile boolean synced;
    private volatile @Nullable Thread thread;

    /**
     * A proxy that is not yet started.
     *
     * @param addresses the node's, where node ports are open
     */
    ServiceProxy(
            List<String> addresses,
            RuleApplier applier,
            ServiceObjects objects,
            HealthCheckPorts healthChecks,
            ProxyMetrics metrics) {
        this.node = objects.node().name();
        this.addresses = List.copyOf(addresses);
        this.applier = applier;
        this.objects = objects;
        this.healthChecks = healthChecks;
        this.metrics = metrics;
    }

    /** What informers tell a proxy. */
    public record Informers(
            SharedIndexInformer<Service> services,
            SharedIndexInformer<EndpointSlice> slices,
            SharedIndexInformer<Node> nodes) {}

    /**
     * A proxy in {@code network} that is started and hears of every change.
     *
     * @param mode never AUTO
     */
    public static ServiceProxy start(
            String node,
            ProxyMode mode,
            NodeNetwork network,
            NetworkNamespace namespace,
            Informers informers,
            InstantSource clock)
            throws IOException {
        InformedObjects objects =
                new InformedObjects(node, informers.services(), informers.slices());
        ProxyMetrics metrics = new ProxyMetrics(clock);
        ServiceProxy proxy =
                new ServiceProxy(
                        network.addresses(),
                        ProxyMode.applier(mode, network, namespace),
                        objects,
                        new HealthCheckPorts(namespace, network.addresses()),
                        metrics);
        proxy.start();
        objects.follow(proxy, informers.nodes());
        return proxy;
    }

    /** Starts with a first sync of everything. */
    void start() {
        allChanged();
        thread = Thread.ofVirtual().name("service-proxy-" + node).start(this::loop);
    }

    /** Says that a Service has changed. Never blocks. */
    void serviceChanged(String key) {
        metrics.serviceChanged();
        changed(key);
    }

    /** Says that an EndpointSlice of a Service has changed. Never blocks. */
    void sliceChanged(String key) {
        metrics.sliceChanged();
        changed(key);
    }

    /** Says that every Service is to be looked at. Never blocks. */
    void allChanged() {
        changed.addAll(objects.keys());
        boolean _ = wake.offer(true);
    }

    private void changed(String key) {
        changed.add(key);
        boolean _ = wake.offer(true);
    }

    /** Whether rules have been in force at least once. */
    public boolean isSynced() {
        return synced;
    }

    public ProxyMetrics metrics() {
        return metrics;
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
        healthChecks.close();
        applier.close();
    }

    private void loop() {
        Map<String, List<ServiceRule>> inForce = new HashMap<>();
        boolean failed = false;
        try {
            while (true) {
                if (failed) {
                    Boolean _ = wake.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                } else {
                    Boolean _ = wake.take();
                }
                failed = !sync(inForce);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean sync(Map<String, List<ServiceRule>> inForce) {
        Set<String> due = new HashSet<>(changed);
        changed.removeAll(due);
        Map<String, List<ServiceRule>> wanted = new HashMap<>();
        List<ServiceRule> before = new ArrayList<>();
        List<ServiceRule> after = new ArrayList<>();
        List<EndpointSlice> seen = new ArrayList<>();
        for (String key : due) {
            Service service = objects.service(key);
            List<EndpointSlice> slices = service == null ? List.of() : objects.slices(key);
            List<ServiceRule> rules =
                    service == null
                            ? List.of()
                            : ServiceTopology.rules(service, slices, objects.node(), addresses);
            wanted.put(key, rules);
            before.addAll(inForce.getOrDefault(key, List.of()));
            after.addAll(rules);
            seen.addAll(slices);
            healthChecks.sync(key, service, slices, objects.node());
        }
        RuleSet.Change change = RuleSet.change(before, after);
        try (ProxyMetrics.Sync _ = metrics.sync()) {
            if (!change.isEmpty() || !synced || !metrics.succeeded()) {
                applier.apply(change);
            }
            metrics.programmed(seen);
        } catch (IOException e) {
            metrics.failed();
            log.warn("node '{}': rules not applied, trying again: {}", node, e.getMessage());
            changed.addAll(due);
            return false;
        }
        wanted.forEach((key, rules) -> {
            if (rules.isEmpty()) {
                inForce.remove(key);
            } else {
                inForce.put(key, rules);
            }
        });
        synced = true;
        return true;
    }
}
