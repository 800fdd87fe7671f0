package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
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

    /** As upstream: of one subset no more than these are copied. */
    private static final int MOST_OF_A_SUBSET = 1000;

    private final ClusterInformers informers;
    private final EventRecorder events;
    private final ControlLoop<NamespacedName> loop;
    private final ServiceSlices slices;

    public MirroringController(
            KubernetesClient client, ClusterInformers informers, EventRecorder events) {
        this.informers = informers;
        this.events = events;
        this.loop = new ControlLoop<>("endpointslicemirroring", 2, this::reconcile);
        this.slices = new ServiceSlices(client, informers, MANAGER);
        informers.services.onAnyChange(service -> loop.enqueue(NamespacedName.of(service)));
        informers.endpoints.onAnyChange(endpoints -> loop.enqueue(NamespacedName.of(endpoints)));
        slices.onChange(loop::enqueue);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void reconcile(NamespacedName key) {
        if (!slices.areSeen(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        Optional<Service> service = informers.services.find(key);
        Optional<Endpoints> endpoints =
                informers.endpoints.find(key).filter(MirroringController::isForMirroring);
        if (service.isEmpty() || endpoints.isEmpty() || hasSelector(service.get())) {
            slices.deleteAll(key);
            return;
        }
        tellOfSkipped(endpoints.get());
        Map<String, String> labels = slices.labels(service.get(), endpoints.get());
        slices.apply(
                key,
                endpoints.get(),
                labels,
                Map.of(),
                SlicePlan.of(slices.of(key), wanted(endpoints.get()), labels));
    }

    private void tellOfSkipped(Endpoints endpoints) {
        int skipped =
                orEmpty(endpoints.getSubsets()).stream()
                        .mapToInt(subset ->
                                orEmpty(subset.getAddresses()).size()
                                        + orEmpty(subset.getNotReadyAddresses()).size()
                                        - MOST_OF_A_SUBSET)
                        .filter(tooMany -> tooMany > 0)
                        .sum();
        if (skipped > 0) {
            events.warning(
                    endpoints,
                    "TooManyAddressesToMirror",
                    "A max of %d addresses can be mirrored to EndpointSlices per Endpoints subset. %d addresses were skipped"
                            .formatted(MOST_OF_A_SUBSET, skipped));
        }
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
