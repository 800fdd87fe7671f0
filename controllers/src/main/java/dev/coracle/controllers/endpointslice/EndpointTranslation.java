package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The endpoints of a Service, from the pods its selector selects.
 *
 * <p>A named target port may mean different numbers in different pods, so endpoints come grouped by
 * the ports they resolve to. A terminating pod stays, not ready, until it is gone, so that proxies
 * can drain it.
 */
final class EndpointTranslation {

    private EndpointTranslation() {}

    /** Endpoints in order of pod name, by the ports they all have. */
    static Map<List<EndpointPort>, List<Endpoint>> translate(
            Service service, List<Pod> pods, Map<String, String> zones) {
        Map<List<EndpointPort>, List<Endpoint>> groups = new LinkedHashMap<>();
        pods.stream()
                .filter(EndpointTranslation::isEndpoint)
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .forEach(pod ->
                        groups.computeIfAbsent(ports(service, pod), _ -> new ArrayList<>())
                                .add(endpoint(service, pod, zones)));
        if (groups.isEmpty()) {
            groups.put(List.of(), List.of());
        }
        return groups;
    }

    /** Has an address and may still serve. */
    static boolean isEndpoint(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getPodIP() != null
                && !pod.getStatus().getPodIP().isEmpty()
                && !Pods.isFinished(pod);
    }

    static boolean isHeadless(Service service) {
        return "None".equals(service.getSpec().getClusterIP());
    }

    private static Endpoint endpoint(Service service, Pod pod, Map<String, String> zones) {
        boolean serving = Pods.isReady(pod);
        boolean terminating = Pods.isTerminating(pod);
        boolean always = Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
        boolean ready = always || (serving && !terminating);
        EndpointBuilder endpoint =
                new EndpointBuilder()
                        .withAddresses(pod.getStatus().getPodIP())
                        .withNewConditions()
                        .withReady(ready)
                        .withServing(serving)
                        .withTerminating(terminating)
                        .endConditions()
                        .withNodeName(pod.getSpec().getNodeName())
                        .withTargetRef(
                                new ObjectReferenceBuilder()
                                        .withKind("Pod")
                                        .withNamespace(pod.getMetadata().getNamespace())
                                        .withName(pod.getMetadata().getName())
                                        .withUid(pod.getMetadata().getUid())
                                        .build());
        String zone = zones.get(pod.getSpec().getNodeName());
        if (zone != null) {
            endpoint.withZone(zone);
            if ("PreferClose".equals(service.getSpec().getTrafficDistribution())
                    && ready
                    && !TopologyHints.areWanted(service)) {
                endpoint.withNewHints().addNewForZone(zone).endHints();
            }
        }
        String hostname = pod.getSpec().getHostname();
        if (hostname != null
                && !hostname.isEmpty()
                && service.getMetadata().getName().equals(pod.getSpec().getSubdomain())) {
            endpoint.withHostname(hostname);
        }
        return endpoint.build();
    }

    /** The Service's ports as {@code pod} has them; a name the pod does not know is left out. */
    private static List<EndpointPort> ports(Service service, Pod pod) {
        List<ServicePort> declared =
                service.getSpec().getPorts() == null ? List.of() : service.getSpec().getPorts();
        return declared.stream()
                .flatMap(port -> findNumber(port, pod).map(number -> port(port, number)).stream())
                .toList();
    }

    private static EndpointPort port(ServicePort port, int number) {
        return new EndpointPortBuilder()
                .withName(port.getName() == null ? "" : port.getName())
                .withProtocol(port.getProtocol() == null ? "TCP" : port.getProtocol())
                .withPort(number)
                .withAppProtocol(port.getAppProtocol())
                .build();
    }

    private static Optional<Integer> findNumber(ServicePort port, Pod pod) {
        IntOrString target = port.getTargetPort();
        if (target == null) {
            return Optional.of(port.getPort());
        }
        if (target.getStrVal() == null || target.getStrVal().isEmpty()) {
            return Optional.of(
                    target.getIntVal() == null || target.getIntVal() == 0
                            ? port.getPort()
                            : target.getIntVal());
        }
        String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
        return containers(pod)
                .flatMap(c ->
                        c.getPorts() == null
                                ? Stream.<ContainerPort>empty()
                                : c.getPorts().stream())
                .filter(p -> target.getStrVal().equals(p.getName()))
                .filter(p -> protocol.equals(p.getProtocol() == null ? "TCP" : p.getProtocol()))
                .map(ContainerPort::getContainerPort)
                .findFirst();
    }

    private static Stream<Container> containers(Pod pod) {
        Stream<Container> sidecars =
                pod.getSpec().getInitContainers() == null
                        ? Stream.empty()
                        : pod.getSpec().getInitContainers().stream()
                                .filter(c -> "Always".equals(c.getRestartPolicy()));
        return Stream.concat(pod.getSpec().getContainers().stream(), sidecars);
    }
}
