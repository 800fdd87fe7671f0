package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.Backend;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ready endpoints behind a port of a Service. Terminating ones are used when no other
 * serves.
 */
final class BackendEndpoints {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final Function<String, @Nullable Service> services;
    private final Function<String, List<EndpointSlice>> slices;
    private final Consumer<String> asked;

    /**
     * Looks up by {@code namespace/name} of a Service.
     *
     * @param asked hears each key before it is looked up
     */
    BackendEndpoints(
            Function<String, @Nullable Service> services,
            Function<String, List<EndpointSlice>> slices,
            Consumer<String> asked) {
        this.services = services;
        this.slices = slices;
        this.asked = asked;
    }

    static String key(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    /** The key of the Service a slice belongs to, if it belongs to one. */
    static @Nullable String key(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(SERVICE_NAME);
        return service == null ? null : slice.getMetadata().getNamespace() + "/" + service;
    }

    /** {@code port} is a number or a name; an unknown Service or port has no endpoints. */
    List<Backend.Endpoint> find(String namespace, String service, String port) {
        String key = namespace + "/" + service;
        asked.accept(key);
        Optional<ServicePort> declared = findPort(services.apply(key), port);
        if (declared.isEmpty()) {
            return List.of();
        }
        String name = Objects.requireNonNullElse(declared.get().getName(), "");
        LinkedHashSet<Backend.Endpoint> ready = new LinkedHashSet<>();
        LinkedHashSet<Backend.Endpoint> draining = new LinkedHashSet<>();
        for (EndpointSlice slice : slices.apply(key)) {
            for (Endpoint endpoint :
                    Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())) {
                findNumber(slice, name)
                        .ifPresent(number ->
                                endpoint.getAddresses()
                                        .forEach(a ->
                                                (isReady(endpoint) ? ready : draining)
                                                        .add(new Backend.Endpoint(a, number))));
            }
        }
        draining.removeIf(e -> !isDraining(key, e));
        return List.copyOf(ready.isEmpty() ? draining : ready);
    }

    private static Optional<ServicePort> findPort(@Nullable Service service, String port) {
        if (service == null || service.getSpec().getPorts() == null) {
            return Optional.empty();
        }
        return service.getSpec().getPorts().stream()
                .filter(p -> port.equals(p.getName()) || port.equals(String.valueOf(p.getPort())))
                .findFirst();
    }

    private static Optional<Integer> findNumber(EndpointSlice slice, String name) {
        return Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of()).stream()
                .filter(p -> name.equals(Objects.requireNonNullElse(p.getName(), "")))
                .map(EndpointPort::getPort)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    private boolean isDraining(String key, Backend.Endpoint candidate) {
        return slices.apply(key).stream()
                .flatMap(slice ->
                        Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())
                                .stream())
                .filter(e -> e.getAddresses().contains(candidate.address()))
                .anyMatch(e ->
                        Boolean.TRUE.equals(e.getConditions().getServing())
                                && Boolean.TRUE.equals(e.getConditions().getTerminating()));
    }
}
