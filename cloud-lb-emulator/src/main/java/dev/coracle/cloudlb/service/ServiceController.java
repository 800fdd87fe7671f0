package dev.coracle.cloudlb.service;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PortStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives Services of type LoadBalancer without class a load balancer, and takes it away again.
 *
 * <p>The finalizer is written before the provider is asked and removed after it has deleted, so
 * none is left behind. One virtual thread reconciles, Services that have an address already first:
 * after a restart they get it back.
 */
public final class ServiceController implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceController.class);
    private static final String FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    /** What the provider was last asked for a Service. */
    private record Asked(String name, Map<String, Object> request) {}

    private final KubernetesClient client;
    private final ProviderClient provider;
    private final ServiceEvents events;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<Node> nodes;
    private final RetryQueue queue = new RetryQueue();
    private final Map<String, Asked> asked = new HashMap<>();
    private final Thread worker;
    private volatile boolean synced;
    private volatile int serving;

    /** {@code provider} is the root of the provider's REST API. */
    public ServiceController(KubernetesClient client, URI provider, InstantSource clock) {
        this.client = client;
        this.provider = new ProviderClient(provider, client.getKubernetesSerialization());
        this.events = new ServiceEvents(client, clock);
        this.services =
                client.services()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
        this.nodes = client.nodes().runnableInformer(0).exceptionHandler((_, _) -> true);
        this.worker = Thread.ofVirtual().name("service-controller").unstarted(this::work);
    }

    public void start() {
        var _ = services.start().thenCombine(nodes.start(), (_, _) -> begin());
    }

    /** True once it works on a complete picture. */
    public boolean isReady() {
        return synced;
    }

    /** How many load balancers are asked for. */
    public int serving() {
        return serving;
    }

    @Override
    public void close() {
        worker.interrupt();
        services.stop();
        nodes.stop();
        provider.close();
    }

    private boolean begin() {
        List<Service> known = new ArrayList<>(services.getIndexer().list());
        known.sort(
                Comparator.comparing(service -> ServiceTranslation.findAddress(service).isEmpty()));
        known.forEach(service -> queue.add(key(service), Duration.ZERO));
        services.addEventHandler(
                new Changes<>((_, service) -> queue.add(key(service), Duration.ZERO)));
        nodes.addEventHandler(new Changes<>(this::nodeChanged));
        worker.start();
        synced = true;
        return true;
    }

    private void nodeChanged(@Nullable Node before, Node after) {
        if (before == null
                || !ServiceTranslation.targets(List.of(before))
                        .equals(ServiceTranslation.targets(List.of(after)))) {
            services.getIndexer().list().stream()
                    .filter(ServiceTranslation::isWanted)
                    .forEach(s -> queue.add(key(s), Duration.ZERO));
        }
    }

    private void work() {
        try {
            while (true) {
                String key = queue.take();
                try {
                    reconcile(key);
                    queue.forget(key);
                } catch (RuntimeException e) {
                    log.warn("service={} will be retried: {}", key, e.toString());
                    queue.retry(key);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(String key) {
        Optional<Service> found = Optional.ofNullable(services.getIndexer().getByKey(key));
        if (found.isEmpty()) {
            Asked last = asked.remove(key);
            if (last != null) {
                provider.delete(last.name());
            }
        } else if (!ServiceTranslation.isWanted(found.get())) {
            release(key, found.get());
        } else {
            ensure(key, found.get());
        }
        serving = asked.size();
    }

    private void ensure(String key, Service service) {
        Optional<String> refusal = ServiceTranslation.findRefusal(service);
        if (refusal.isPresent()) {
            events.warning(
                    service,
                    "SyncLoadBalancerFailed",
                    "Error syncing load balancer: " + refusal.get());
            return;
        }
        if (!finalizers(service).contains(FINALIZER)) {
            var _ =
                    client.resource(
                                    new ServiceBuilder(service)
                                            .editMetadata()
                                            .addToFinalizers(FINALIZER)
                                            .endMetadata()
                                            .build())
                            .update();
            return;
        }
        if (!ServiceTranslation.hasNodePorts(service)) {
            events.warning(
                    service,
                    "SyncLoadBalancerFailed",
                    "Error syncing load balancer: the Service has ports without nodePort");
            return;
        }
        Map<String, Object> request =
                ServiceTranslation.request(service, nodes.getIndexer().list());
        Asked wanted = new Asked(ServiceTranslation.name(service), request);
        Asked last = asked.get(key);
        boolean changed = !wanted.equals(last);
        if (changed) {
            announce(service, last, wanted);
        }
        Map<?, ?> answer =
                changed ? provider.ensure(wanted.name(), request) : provider.get(wanted.name());
        asked.put(key, wanted);
        switch (String.valueOf(answer.get("state"))) {
            case "active" -> publish(service, String.valueOf(answer.get("address")), changed);
            case "failed" -> {
                asked.remove(key);
                String reason = "Error syncing load balancer: " + answer.get("stateReason");
                events.warning(service, "SyncLoadBalancerFailed", reason);
                throw new IllegalStateException(reason);
            }
            case String _ -> queue.add(key, LOOK_AGAIN);
        }
    }

    private void announce(Service service, @Nullable Asked last, Asked wanted) {
        if (List.of().equals(wanted.request().get("targets"))) {
            events.warning(
                    service,
                    "UnAvailableLoadBalancer",
                    "There are no available nodes for LoadBalancer");
        }
        if (last == null) {
            events.normal(service, "EnsuringLoadBalancer", "Ensuring load balancer");
        }
    }

    private void publish(Service service, String address, boolean updated) {
        var ingress =
                new LoadBalancerIngressBuilder()
                        .withIp(address)
                        .withIpMode("VIP")
                        .withPorts(
                                service.getSpec().getPorts().stream()
                                        .map(p ->
                                                new PortStatus(
                                                        null,
                                                        p.getPort(),
                                                        ServiceTranslation.protocol(p)))
                                        .toList())
                        .build();
        Service changed =
                new ServiceBuilder(service)
                        .editOrNewStatus()
                        .editOrNewLoadBalancer()
                        .withIngress(ingress)
                        .endLoadBalancer()
                        .endStatus()
                        .build();
        if (!Objects.equals(changed.getStatus(), service.getStatus())) {
            var _ = client.resource(changed).updateStatus();
            events.normal(service, "EnsuredLoadBalancer", "Ensured load balancer");
        } else if (updated) {
            events.normal(service, "UpdatedLoadBalancer", "Updated load balancer with new hosts");
        }
    }

    private void release(String key, Service service) {
        if (!finalizers(service).contains(FINALIZER) && !asked.containsKey(key)) {
            return;
        }
        events.normal(service, "DeletingLoadBalancer", "Deleting load balancer");
        provider.delete(ServiceTranslation.name(service));
        asked.remove(key);
        Service clean = service;
        if (ServiceTranslation.findAddress(service).isPresent()) {
            clean =
                    client.resource(
                                    new ServiceBuilder(service)
                                            .editStatus()
                                            .withNewLoadBalancer()
                                            .endLoadBalancer()
                                            .endStatus()
                                            .build())
                            .updateStatus();
        }
        if (finalizers(clean).contains(FINALIZER)) {
            var _ =
                    client.resource(
                                    new ServiceBuilder(clean)
                                            .editMetadata()
                                            .removeFromFinalizers(FINALIZER)
                                            .endMetadata()
                                            .build())
                            .update();
        }
        events.normal(service, "DeletedLoadBalancer", "Deleted load balancer");
    }

    private static List<String> finalizers(Service service) {
        return service.getMetadata().getFinalizers() == null
                ? List.of()
                : service.getMetadata().getFinalizers();
    }

    private static String key(Service service) {
        return Cache.metaNamespaceKeyFunc(service);
    }

    /** Told of the object before, if there was one, and after; of a deleted one, that it was. */
    private interface Change<T> {
        void changed(@Nullable T before, T after);
    }

    private record Changes<T extends HasMetadata>(Change<T> change)
            implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            change.changed(null, object);
        }

        @Override
        public void onUpdate(T before, T after) {
            change.changed(before, after);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            change.changed(null, object);
        }
    }
}
