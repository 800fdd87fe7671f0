package dev.coracle.dns.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An informer's objects as JSON of what names are made of: a tenth of what they take otherwise.
 * Thread-safe.
 */
final class CompactStore<V extends HasMetadata> implements ItemStore<V> {

    private static final List<String> KEPT =
            List.of(
                    "kubernetes.io/service-name",
                    "endpoints.kubernetes.io/last-change-trigger-time");

    private final Class<V> type;
    private final UnaryOperator<V> reduced;
    private final Map<String, byte[]> items = new ConcurrentHashMap<>();

    private CompactStore(Class<V> type, UnaryOperator<V> reduced) {
        this.type = type;
        this.reduced = reduced;
    }

    static CompactStore<Service> services() {
        return new CompactStore<>(
                Service.class,
                service ->
                        new ServiceBuilder()
                                .withMetadata(reduced(service.getMetadata()))
                                .withNewSpec()
                                .withType(service.getSpec().getType())
                                .withClusterIP(service.getSpec().getClusterIP())
                                .withExternalName(service.getSpec().getExternalName())
                                .withPorts(
                                        orNone(service.getSpec().getPorts()).stream()
                                                .map(port ->
                                                        new ServicePortBuilder()
                                                                .withName(port.getName())
                                                                .withProtocol(port.getProtocol())
                                                                .withPort(port.getPort())
                                                                .build())
                                                .toList())
                                .endSpec()
                                .build());
    }

    static CompactStore<EndpointSlice> slices() {
        return new CompactStore<>(
                EndpointSlice.class,
                slice ->
                        new EndpointSliceBuilder()
                                .withMetadata(reduced(slice.getMetadata()))
                                .withAddressType(slice.getAddressType())
                                .withPorts(orNone(slice.getPorts()))
                                .withEndpoints(
                                        orNone(slice.getEndpoints()).stream()
                                                .map(endpoint ->
                                                        new EndpointBuilder()
                                                                .withAddresses(
                                                                        endpoint.getAddresses())
                                                                .withHostname(
                                                                        endpoint.getHostname())
                                                                .withConditions(
                                                                        endpoint.getConditions())
                                                                .build())
                                                .toList())
                                .build());
    }

    /** Go writes an empty list as null. */
    private static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static ObjectMeta reduced(ObjectMeta metadata) {
        return new ObjectMetaBuilder()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withResourceVersion(metadata.getResourceVersion())
                .withLabels(kept(metadata.getLabels()))
                .withAnnotations(kept(metadata.getAnnotations()))
                .build();
    }

    private static @Nullable Map<String, String> kept(@Nullable Map<String, String> all) {
        return all == null
                ? null
                : all.entrySet().stream()
                        .filter(entry -> KEPT.contains(entry.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public String getKey(V object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    @Override
    public @Nullable V put(String key, V object) {
        byte[] json = Serialization.asJson(reduced.apply(object)).getBytes(StandardCharsets.UTF_8);
        return read(items.put(key, json));
    }

    @Override
    public @Nullable V remove(String key) {
        return read(items.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return items.keySet().stream();
    }

    @Override
    public Stream<V> values() {
        return items.values().stream().map(this::read).filter(Objects::nonNull);
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public @Nullable V get(String key) {
        return read(items.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }

    private @Nullable V read(byte @Nullable [] json) {
        return json == null
                ? null
                : Serialization.unmarshal(new String(json, StandardCharsets.UTF_8), type);
    }
}
