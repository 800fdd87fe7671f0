package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.Backend;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the ready endpoints behind a port of a Service. Terminating ones are used when no other
 * serves.
 */
final class BackendEndpoints {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final Map<String, Service> services = new HashMap<>();
    private final Map<String, List<EndpointSlice>> slices = new HashMap<>();

    BackendEndpoints(Collection<Service> services, Collection<EndpointSlice> slices) {
        services.forEach(s ->
                this.services.put(
                        s.getMetadata().getNamespace() + "/" + s.getMetadata().getName(), s));
        for (EndpointSlice slice : slices) {
            Map<String, String> labels = slice.getMetadata().getLabels();
            if (labels != null && labels.containsKey(SERVICE_NAME)) {
                this.slices
                        .computeIfAbsent(
                                slice.getMetadata().getNamespace() + "/" + labels.get(SERVICE_NAME),
                                _ -> new ArrayList<>())
                        .add(slice);
            }
        }
    }

    /** {@code port} is a number or a name; an unknown Service or port has no endpoints. */
    List<Backend.Endpoint> find(String namespace, String service, String port) {
        String key = namespace + "/" + service;
        Optional<ServicePort> declared = findPort(services.get(key), port);
        if (declared.isEmpty()) {
            return List.of();
        }
        String name = Objects.requireNonNullElse(declared.get().getName(), "");
        LinkedHashSet<Backend.Endpoint> ready = new LinkedHashSet<>();
        LinkedHashSet<Backend.Endpoint> draining = new LinkedHashSet<>();
        for (EndpointSlice slice : slices.getOrDefault(key, List.of())) {
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

    private static Optional<ServicePort> findPort(
            @org.jspecify.annotations.Nullable Service service, String port) {
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
        return slices.getOrDefault(key, List.of()).stream()
                .flatMap(slice -> slice.getEndpoints().stream())
                .filter(e -> e.getAddresses().contains(candidate.address()))
                .anyMatch(e ->
                        Boolean.TRUE.equals(e.getConditions().getServing())
                                && Boolean.TRUE.equals(e.getConditions().getTerminating()));
    }
}
