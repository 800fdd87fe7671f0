package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.informer.UnseenWrites;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.workqueue.ControlLoop;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Copies Endpoints that somebody wrote for a Service without a selector into EndpointSlices. */
public final class MirroringController {

    private static final String MANAGER = "endpointslicemirroring-controller.k8s.io";
    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final String HEADLESS = "service.kubernetes.io/headless";

    /** As upstream: of one subset no more than these are copied. */
    private static final int MOST_OF_A_SUBSET = 1000;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final ControlLoop<NamespacedName> loop;
    private final UnseenWrites<EndpointSlice> writes;

    public MirroringController(KubernetesClient client, ClusterInformers informers) {
        this.client = client;
        this.informers = informers;
        this.loop = new ControlLoop<>("endpointslicemirroring", 2, this::reconcile);
        this.writes = new UnseenWrites<>(informers.endpointSlices, Ticker.system());
        informers.services.onAnyChange(service -> loop.enqueue(NamespacedName.of(service)));
        informers.endpoints.onAnyChange(endpoints -> loop.enqueue(NamespacedName.of(endpoints)));
        informers.endpointSlices.onAnyChange(this::sliceChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void sliceChanged(EndpointSlice slice) {
        String service = Selectors.labels(slice).get(EndpointSliceController.SERVICE_NAME);
        if (service != null && isOurs(slice)) {
            loop.enqueue(new NamespacedName(slice.getMetadata().getNamespace(), service));
        }
    }

    private void reconcile(NamespacedName key) {
        if (!writes.areSeen(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        List<EndpointSlice> slices =
                informers.endpointSlices.listIn(key.namespace()).stream()
                        .filter(slice ->
                                key.name()
                                        .equals(
                                                Selectors.labels(slice)
                                                        .get(EndpointSliceController.SERVICE_NAME)))
                        .filter(MirroringController::isOurs)
                        .filter(slice -> slice.getMetadata().getDeletionTimestamp() == null)
                        .toList();
        Optional<Service> service = informers.services.find(key);
        Optional<Endpoints> endpoints =
                informers.endpoints.find(key).filter(MirroringController::isForMirroring);
        if (service.isEmpty() || endpoints.isEmpty() || hasSelector(service.get())) {
            slices.forEach(slice -> delete(key, slice));
            return;
        }
        Map<String, String> labels = labels(service.get(), endpoints.get());
        apply(key, endpoints.get(), labels, SlicePlan.of(slices, wanted(endpoints.get()), labels));
    }

    private void apply(
            NamespacedName key, Endpoints endpoints, Map<String, String> labels, SlicePlan plan) {
        for (SlicePlan.Content content : plan.create()) {
            EndpointSlice slice =
                    new EndpointSliceBuilder()
                            .withNewMetadata()
                            .withNamespace(key.namespace())
                            .withGenerateName(key.name() + "-")
                            .withLabels(labels)
                            .withOwnerReferences(Owners.controllerReference(endpoints))
                            .endMetadata()
                            .withAddressType("IPv4")
                            .withPorts(content.ports())
                            .withEndpoints(content.endpoints())
                            .build();
            writes.created(key, client.resource(slice).create());
        }
        plan.update().forEach(slice -> client.resource(slice).update());
        plan.delete().forEach(slice -> delete(key, slice));
    }

    private void delete(NamespacedName key, EndpointSlice slice) {
        var _ = client.resource(slice).delete();
        writes.deleted(key, slice);
    }

    private static boolean isOurs(EndpointSlice slice) {
        return MANAGER.equals(Selectors.labels(slice).get(EndpointSliceController.MANAGED_BY));
    }

    private static boolean isForMirroring(Endpoints endpoints) {
        Map<String, String> annotations = endpoints.getMetadata().getAnnotations();
        return endpoints.getMetadata().getDeletionTimestamp() == null
                && !"true".equals(Selectors.labels(endpoints).get(SKIP))
                && (annotations == null || !annotations.containsKey(LEADER));
    }

    private static boolean hasSelector(Service service) {
        return service.getSpec().getSelector() != null
                && !service.getSpec().getSelector().isEmpty();
    }

    private static Map<String, String> labels(Service service, Endpoints endpoints) {
        Map<String, String> labels = new HashMap<>(Selectors.labels(endpoints));
        labels.put(EndpointSliceController.SERVICE_NAME, service.getMetadata().getName());
        labels.put(EndpointSliceController.MANAGED_BY, MANAGER);
        if (EndpointTranslation.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        return labels;
    }

    private static Map<List<EndpointPort>, List<Endpoint>> wanted(Endpoints endpoints) {
        Map<List<EndpointPort>, List<Endpoint>> wanted = new LinkedHashMap<>();
        List<EndpointSubset> subsets = endpoints.getSubsets();
        for (EndpointSubset subset : subsets == null ? List.<EndpointSubset>of() : subsets) {
            List<EndpointPort> ports =
                    orEmpty(subset.getPorts()).stream()
                            .map(port ->
                                    new EndpointPortBuilder()
                                            .withName(port.getName() == null ? "" : port.getName())
                                            .withPort(port.getPort())
                                            .withProtocol(port.getProtocol())
                                            .withAppProtocol(port.getAppProtocol())
                                            .build())
                            .toList();
            List<Endpoint> copies = wanted.computeIfAbsent(ports, _ -> new ArrayList<>());
            int room = MOST_OF_A_SUBSET;
            for (EndpointAddress address : orEmpty(subset.getAddresses())) {
                if (room-- > 0) {
                    copies.add(copy(address, true));
                }
            }
            for (EndpointAddress address : orEmpty(subset.getNotReadyAddresses())) {
                if (room-- > 0) {
                    copies.add(copy(address, false));
                }
            }
        }
        return wanted;
    }

    private static Endpoint copy(EndpointAddress address, boolean ready) {
        return new EndpointBuilder()
                .withAddresses(address.getIp())
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withHostname(address.getHostname())
                .withNodeName(address.getNodeName())
                .withTargetRef(address.getTargetRef())
                .build();
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
