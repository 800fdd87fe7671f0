package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The same endpoints in the form of the older kind, which has no more than a thousand addresses:
 * ready ones rather than others, of each subset its share.
 */
final class LegacyEndpoints {

    private static final String HEADLESS = "service.kubernetes.io/headless";
    private static final String MANAGED = "endpoints.kubernetes.io/managed-by";

    /** Says that there are more addresses than these. */
    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

    private static final int CAPACITY = 1000;

    private LegacyEndpoints() {}

    /**
     * What a Service's Endpoints are to be.
     *
     * @param annotations beside that of the capacity
     */
    static Endpoints of(
            Service service,
            Map<List<EndpointPort>, List<Endpoint>> endpoints,
            Map<String, String> annotations) {
        Map<String, String> labels = new HashMap<>();
        if (service.getMetadata().getLabels() != null) {
            labels.putAll(service.getMetadata().getLabels());
        }
        labels.put(MANAGED, "endpoint-controller");
        if (EndpointTranslation.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        List<EndpointSubset> all =
                endpoints.entrySet().stream()
                        .map(group -> subset(group.getKey(), group.getValue()))
                        .filter(s ->
                                !s.getAddresses().isEmpty() || !s.getNotReadyAddresses().isEmpty())
                        .toList();
        List<EndpointSubset> subsets = cut(all);
        return new EndpointsBuilder()
                .withNewMetadata()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withLabels(labels)
                .withAnnotations(annotations)
                .addToAnnotations(
                        subsets.equals(all) ? Map.of() : Map.of(OVER_CAPACITY, "truncated"))
                .endMetadata()
                .withSubsets(subsets)
                .build();
    }

    /**
     * {@code current} as {@code wanted} says; empty if it needs no change. The time of the last
     * change alone is none.
     */
    static Optional<Endpoints> changed(Endpoints current, Endpoints wanted) {
        Map<String, String> annotations = new HashMap<>();
        if (current.getMetadata().getAnnotations() != null) {
            annotations.putAll(current.getMetadata().getAnnotations());
        }
        Map<String, String> asked = wanted.getMetadata().getAnnotations();
        boolean same =
                wanted.getSubsets()
                                .equals(
                                        current.getSubsets() == null
                                                ? List.of()
                                                : current.getSubsets())
                        && wanted.getMetadata().getLabels().equals(Selectors.labels(current))
                        && asked.containsKey(OVER_CAPACITY)
                                == annotations.containsKey(OVER_CAPACITY);
        if (same) {
            return Optional.empty();
        }
        annotations.remove(OVER_CAPACITY);
        annotations.remove(TriggerTimes.ANNOTATION);
        annotations.putAll(asked);
        return Optional.of(
                new EndpointsBuilder(current)
                        .editMetadata()
                        .withLabels(wanted.getMetadata().getLabels())
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withSubsets(wanted.getSubsets())
                        .build());
    }

    private static List<EndpointSubset> cut(List<EndpointSubset> subsets) {
        int ready = subsets.stream().mapToInt(s -> s.getAddresses().size()).sum();
        int others = subsets.stream().mapToInt(s -> s.getNotReadyAddresses().size()).sum();
        if (ready + others <= CAPACITY) {
            return subsets;
        }
        boolean cutsReady = ready > CAPACITY;
        int room = cutsReady ? CAPACITY : CAPACITY - ready;
        int total = cutsReady ? ready : others;
        List<EndpointSubset> cut = new ArrayList<>();
        int left = room;
        for (EndpointSubset subset : subsets) {
            List<EndpointAddress> from =
                    cutsReady ? subset.getAddresses() : subset.getNotReadyAddresses();
            // rounded up: what is too much the last one lacks
            int share = Math.min(left, Math.ceilDiv(from.size() * room, total));
            List<EndpointAddress> kept = from.subList(0, Math.min(share, from.size()));
            left -= kept.size();
            cut.add(
                    new EndpointSubsetBuilder(subset)
                            .withAddresses(cutsReady ? kept : subset.getAddresses())
                            .withNotReadyAddresses(cutsReady ? List.of() : kept)
                            .build());
        }
        cut.removeIf(s -> s.getAddresses().isEmpty() && s.getNotReadyAddresses().isEmpty());
        return cut;
    }

    private static EndpointSubset subset(List<EndpointPort> ports, List<Endpoint> endpoints) {
        return new EndpointSubsetBuilder()
                .withAddresses(
                        endpoints.stream()
                                .filter(LegacyEndpoints::isReady)
                                .map(LegacyEndpoints::address)
                                .toList())
                .withNotReadyAddresses(
                        endpoints.stream()
                                .filter(e ->
                                        !isReady(e)
                                                && !Boolean.TRUE.equals(
                                                        e.getConditions().getTerminating()))
                                .map(LegacyEndpoints::address)
                                .toList())
                .withPorts(ports.stream().map(LegacyEndpoints::port).toList())
                .build();
    }

    private static boolean isReady(Endpoint endpoint) {
        return Boolean.TRUE.equals(endpoint.getConditions().getReady());
    }

    private static EndpointAddress address(Endpoint endpoint) {
        return new EndpointAddressBuilder()
                .withIp(endpoint.getAddresses().getFirst())
                .withHostname(endpoint.getHostname())
                .withNodeName(endpoint.getNodeName())
                .withTargetRef(endpoint.getTargetRef())
                .build();
    }

    private static io.fabric8.kubernetes.api.model.EndpointPort port(EndpointPort port) {
        var legacy =
                new io.fabric8.kubernetes.api.model.EndpointPortBuilder()
                        .withPort(port.getPort())
                        .withProtocol(port.getProtocol())
                        .withAppProtocol(port.getAppProtocol());
        return (port.getName().isEmpty() ? legacy : legacy.withName(port.getName())).build();
    }
}
