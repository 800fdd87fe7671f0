package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the EndpointSlices, and the older Endpoints, of every Service with a selector. Services
 * without one belong to whoever made their slices and are not touched.
 */
public final class EndpointSliceController {

    private static final String MANAGER = "endpointslice-controller.k8s.io";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final ControlLoop<NamespacedName> loop;
    private final ServiceSlices slices;
    private final TriggerTimes triggers = new TriggerTimes();
    private final EventRecorder events;
    private final EventRecorder endpointEvents;
    // the outcome that was last told of each Service with hints; empty if it has them
    private final Map<NamespacedName, String> hints = new ConcurrentHashMap<>();
    private volatile ZoneShares zoneShares = new ZoneShares(Map.of());

    public EndpointSliceController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            EventRecorder endpointEvents) {
        this.events = events;
        this.endpointEvents = endpointEvents;
        this.client = client;
        this.informers = informers;
        this.loop = new ControlLoop<>("endpointslice", 4, this::reconcile);
        this.slices = new ServiceSlices(client, informers, MANAGER);
        informers.services.onAnyChange(service -> loop.enqueue(NamespacedName.of(service)));
        informers.pods.onChange(this::podChanged);
        slices.onChange(loop::enqueue);
        informers.nodes.onAnyChange(_ -> nodesChanged());
        informers.endpoints.onChange((before, after) -> endpointsChanged(before, after));
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        if (before != null) {
            enqueueServices(before);
        }
        if (after != null
                && (before == null || !Selectors.labels(before).equals(Selectors.labels(after)))) {
            enqueueServices(after);
        }
    }

    private void enqueueServices(Pod pod) {
        for (Service service : informers.services.listIn(pod.getMetadata().getNamespace())) {
            if (hasSelector(service) && selects(service, pod)) {
                loop.enqueue(NamespacedName.of(service));
            }
        }
    }

    /** The zones' shares decide about hints, and nothing else here. */
    private void nodesChanged() {
        ZoneShares now = ZoneShares.of(informers.nodes.list());
        if (now.equals(zoneShares)) {
            return;
        }
        zoneShares = now;
        for (Service service : informers.services.list()) {
            if (TopologyHints.areWanted(service)) {
                loop.enqueue(NamespacedName.of(service));
            }
        }
    }

    /** Somebody removed Endpoints that a Service should have. */
    private void endpointsChanged(@Nullable Endpoints before, @Nullable Endpoints after) {
        if (before != null && after == null) {
            loop.enqueue(NamespacedName.of(before));
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<Service> found = informers.services.find(key);
        if (found.isEmpty()) {
            triggers.forget(key);
            hints.remove(key);
            removeAll(key);
            return;
        }
        Service service = found.get();
        if (!hasSelector(service) || service.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        if (!slices.areSeen(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        List<Pod> pods =
                informers.pods.listIn(key.namespace()).stream()
                        .filter(pod -> selects(service, pod))
                        .toList();
        Map<List<EndpointPort>, List<Endpoint>> wanted =
                hinted(key, service, EndpointTranslation.translate(service, pods, zones()));
        Map<String, String> annotations =
                triggers.since(key, service, pods)
                        .map(time -> Map.of(TriggerTimes.ANNOTATION, time.toString()))
                        .orElse(Map.of());
        Map<String, String> labels = slices.labels(service, service);
        try {
            slices.apply(
                    key,
                    service,
                    labels,
                    annotations,
                    SlicePlan.of(slices.of(key), wanted, labels));
        } catch (KubernetesClientException e) {
            if (isWorthAWord(e)) {
                events.warning(
                        service,
                        "FailedToUpdateEndpointSlices",
                        "Error updating Endpoint Slices for Service %s: %s"
                                .formatted(key, PodControl.reason(e)));
            }
            throw e;
        }
        applyLegacy(key, LegacyEndpoints.of(service, wanted, annotations));
    }

    /** Not that the namespace goes, or that another write came first. */
    private static boolean isWorthAWord(KubernetesClientException e) {
        return e.getCode() != HttpURLConnection.HTTP_CONFLICT
                && !PodControl.saysNamespaceIsGoing(e);
    }

    private Map<List<EndpointPort>, List<Endpoint>> hinted(
            NamespacedName key, Service service, Map<List<EndpointPort>, List<Endpoint>> wanted) {
        String reason = "TopologyAwareHintsDisabled";
        if (!TopologyHints.areWanted(service)) {
            if ("".equals(hints.remove(key))) {
                events.warning(service, reason, told("Topology Aware Hints has been disabled"));
            }
            return wanted;
        }
        List<Endpoint> current =
                slices.of(key).stream()
                        .filter(slice -> slice.getEndpoints() != null)
                        .flatMap(slice -> slice.getEndpoints().stream())
                        .toList();
        TopologyHints given =
                TopologyHints.give(wanted, current, ZoneShares.of(informers.nodes.list()));
        String before = hints.put(key, given.refusal());
        if (!given.refusal().equals(before)) {
            if (given.refusal().isEmpty()) {
                events.normal(
                        service,
                        "TopologyAwareHintsEnabled",
                        told("Topology Aware Hints has been enabled"));
            } else {
                events.warning(service, reason, told(given.refusal()));
            }
        }
        return given.endpoints();
    }

    private static String told(String message) {
        return message + ", addressType: IPv4";
    }

    private void applyLegacy(NamespacedName key, Endpoints wanted) {
        Optional<Endpoints> current = informers.endpoints.find(key);
        try {
            if (current.isEmpty()) {
                var _ = client.resource(wanted).create();
            } else {
                LegacyEndpoints.changed(current.get(), wanted)
                        .ifPresent(changed -> {
                            var _ = client.resource(changed).update();
                        });
            }
        } catch (KubernetesClientException e) {
            if (isWorthAWord(e)) {
                endpointEvents.warning(
                        wanted,
                        current.isEmpty() ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
                        "Failed to %s %s: %s"
                                .formatted(
                                        current.isEmpty()
                                                ? "create endpoint for service"
                                                : "update endpoint",
                                        key,
                                        PodControl.reason(e)));
            }
            boolean isThere = current.isEmpty() && e.getCode() == HttpURLConnection.HTTP_CONFLICT;
            if (!isThere) {
                throw e;
            }
        }
    }

    private void removeAll(NamespacedName key) {
        slices.deleteAll(key);
        informers
                .endpoints
                .find(key)
                .filter(e -> Selectors.labels(e).containsKey("endpoints.kubernetes.io/managed-by"))
                .ifPresent(endpoints -> client.resource(endpoints).delete());
    }

    private Map<String, String> zones() {
        Map<String, String> zones = new HashMap<>();
        for (Node node : informers.nodes.list()) {
            String zone = Selectors.labels(node).get(ZoneShares.ZONE);
            if (zone != null) {
                zones.put(node.getMetadata().getName(), zone);
            }
        }
        return zones;
    }

    private static boolean hasSelector(Service service) {
        return service.getSpec().getSelector() != null
                && !service.getSpec().getSelector().isEmpty()
                && !"ExternalName".equals(service.getSpec().getType());
    }

    private static boolean selects(Service service, Pod pod) {
        return Selectors.labels(pod)
                .entrySet()
                .containsAll(service.getSpec().getSelector().entrySet());
    }
}
