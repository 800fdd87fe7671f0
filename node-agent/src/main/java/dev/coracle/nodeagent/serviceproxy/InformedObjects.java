package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The objects in informers' stores. */
final class InformedObjects implements ServiceObjects {

    private static final String BY_SERVICE = "service";
    private static final String ZONE = "topology.kubernetes.io/zone";

    private final String node;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<EndpointSlice> slices;
    private volatile String zone = "";

    InformedObjects(
            String node,
            SharedIndexInformer<Service> services,
            SharedIndexInformer<EndpointSlice> slices) {
        this.node = node;
        this.services = services;
        this.slices = slices;
        slices.addIndexers(
                Map.of(
                        BY_SERVICE,
                        slice -> {
                            String key = ServiceTopology.serviceKey(slice);
                            return key == null ? List.of() : List.of(key);
                        }));
    }

    /** Tells {@code proxy} of every change from now on. */
    void follow(ServiceProxy proxy, SharedIndexInformer<Node> nodes) {
        services.addEventHandler(new Changes<>(ServiceTopology::key, proxy::serviceChanged));
        slices.addEventHandler(new Changes<>(ServiceTopology::serviceKey, proxy::sliceChanged));
        nodes.addEventHandler(
                new Changes<>(
                        changed ->
                                changed.getMetadata().getName().equals(node) && moved(changed)
                                        ? node
                                        : null,
                        _ -> proxy.allChanged()));
    }

    private boolean moved(Node changed) {
        Map<String, String> labels = changed.getMetadata().getLabels();
        String before = zone;
        zone = labels == null ? "" : labels.getOrDefault(ZONE, "");
        return !before.equals(zone);
    }

    @Override
    public Set<String> keys() {
        return services.getStore().list().stream()
                .map(ServiceTopology::key)
                .collect(Collectors.toSet());
    }

    @Override
    public @Nullable Service service(String key) {
        return services.getStore().getByKey(key);
    }

    @Override
    public List<EndpointSlice> slices(String key) {
        return slices.getIndexer().byIndex(BY_SERVICE, key);
    }

    @Override
    public NodeView node() {
        return new NodeView(node, zone);
    }

    /** Names what has changed. */
    private static final class Changes<T> implements ResourceEventHandler<T> {
        private final Function<T, @Nullable String> key;
        private final Consumer<String> changed;

        Changes(Function<T, @Nullable String> key, Consumer<String> changed) {
            this.key = key;
            this.changed = changed;
        }

        private void tell(T object) {
            String name = key.apply(object);
            if (name != null) {
                changed.accept(name);
            }
        }

        @Override
        public void onAdd(T object) {
            tell(object);
        }

        @Override
        public void onUpdate(T before, T object) {
            tell(before);
            tell(object);
        }

        @Override
        public void onDelete(T object, boolean deletedFinalStateUnknown) {
            tell(object);
        }
    }
}
