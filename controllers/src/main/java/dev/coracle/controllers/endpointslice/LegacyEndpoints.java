package dev.coracle.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The same endpoints in the form of the older kind. */
final class LegacyEndpoints {

    private static final String HEADLESS = "service.kubernetes.io/headless";
    private static final String MANAGED = "endpoints.kubernetes.io/managed-by";

    private LegacyEndpoints() {}

    static Endpoints of(Service service, Map<List<EndpointPort>, List<Endpoint>> endpoints) {
        Map<String, String> labels = new HashMap<>();
        if (service.getMetadata().getLabels() != null) {
            labels.putAll(service.getMetadata().getLabels());
        }
        labels.put(MANAGED, "endpoint-controller");
        if (EndpointTranslation.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        return new EndpointsBuilder()
                .withNewMetadata()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withLabels(labels)
                .endMetadata()
                .withSubsets(
                        endpoints.entrySet().stream()
                                .map(group -> subset(group.getKey(), group.getValue()))
                                .filter(s ->
                                        !s.getAddresses().isEmpty()
                                                || !s.getNotReadyAddresses().isEmpty())
                                .toList())
                .build();
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
