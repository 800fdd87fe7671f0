package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.informer.UnseenWrites;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The EndpointSlices that one controller keeps for Services. Those of others are not touched. */
final class ServiceSlices {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String HEADLESS = "service.kubernetes.io/headless";

    private final KubernetesClient client;
    private final Informer<EndpointSlice> slices;
    private final UnseenWrites<EndpointSlice> writes;
    private final String manager;

    /**
     * Of one controller.
     *
     * @param manager its name in {@code endpointslice.kubernetes.io/managed-by}
     */
    ServiceSlices(KubernetesClient client, ClusterInformers informers, String manager) {
        this.client = client;
        this.slices = informers.endpointSlices;
        this.writes = new UnseenWrites<>(informers.endpointSlices, Ticker.system());
        this.manager = manager;
    }

    /** Tells {@code listener} the Service of each slice that changes. */
    void onChange(Consumer<NamespacedName> listener) {
        slices.onAnyChange(slice -> {
            String service = Selectors.labels(slice).get(SERVICE_NAME);
            if (service != null && isOurs(slice)) {
                listener.accept(new NamespacedName(slice.getMetadata().getNamespace(), service));
            }
        });
    }

    /** What was written for a Service has come back by the watch. */
    boolean areSeen(NamespacedName service) {
        return writes.areSeen(service);
    }

    /** Those that are to stay. */
    List<EndpointSlice> of(NamespacedName service) {
        return slices.listIn(service.namespace()).stream()
                .filter(slice -> service.name().equals(Selectors.labels(slice).get(SERVICE_NAME)))
                .filter(this::isOurs)
                .filter(slice -> slice.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** The labels of a Service's slices: those of what they come from, and their own. */
    Map<String, String> labels(Service service, HasMetadata source) {
        Map<String, String> labels = new HashMap<>(Selectors.labels(source));
        labels.put(SERVICE_NAME, service.getMetadata().getName());
        labels.put(MANAGED_BY, manager);
        if (EndpointTranslation.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        return labels;
    }

    /** Writes what a plan says; {@code trigger} is the annotation of what is written, or empty. */
    void apply(
            NamespacedName service,
            HasMetadata owner,
            Map<String, String> labels,
            Map<String, String> trigger,
            SlicePlan plan) {
        for (SlicePlan.Content content : plan.create()) {
            EndpointSlice slice =
                    new EndpointSliceBuilder()
                            .withNewMetadata()
                            .withNamespace(service.namespace())
                            .withGenerateName(service.name() + "-")
                            .withLabels(labels)
                            .withAnnotations(trigger)
                            .withOwnerReferences(Owners.controllerReference(owner))
                            .endMetadata()
                            .withAddressType("IPv4")
                            .withPorts(content.ports())
                            .withEndpoints(content.endpoints())
                            .build();
            writes.created(service, client.resource(slice).create());
        }
        for (EndpointSlice slice : plan.update()) {
            EndpointSlice stamped =
                    new EndpointSliceBuilder(slice)
                            .editMetadata()
                            .removeFromAnnotations(TriggerTimes.ANNOTATION)
                            .addToAnnotations(trigger)
                            .endMetadata()
                            .build();
            var _ = client.resource(stamped).update();
        }
        plan.delete().forEach(slice -> delete(service, slice));
    }

    void deleteAll(NamespacedName service) {
        of(service).forEach(slice -> delete(service, slice));
    }

    private void delete(NamespacedName service, EndpointSlice slice) {
        var _ = client.resource(slice).delete();
        writes.deleted(service, slice);
    }

    private boolean isOurs(EndpointSlice slice) {
        return manager.equals(Selectors.labels(slice).get(MANAGED_BY));
    }
}
