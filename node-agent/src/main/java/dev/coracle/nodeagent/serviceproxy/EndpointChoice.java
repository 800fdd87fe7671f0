package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints of a Service a node uses. Pure.
 *
 * <p>An endpoint is usable if it is ready; if none is, those that still serve while terminating are
 * (KEP-1669). Endpoints for this node's zone come first when every ready endpoint says which zones
 * it is for and one is for this one (KEP-2433, KEP-4444).
 */
record EndpointChoice(List<EndpointSlice> slices, NodeView node) {

    /**
     * The node that looks.
     *
     * @param zone empty if the node has none
     */
    record NodeView(String name, String zone) {}

    static EndpointChoice of(List<EndpointSlice> slices, NodeView node) {
        return new EndpointChoice(
                slices.stream().filter(slice -> "IPv4".equals(slice.getAddressType())).toList(),
                node);
    }

    /** Null for what the proxy does not carry (SCTP). */
    static @Nullable Protocol protocol(@Nullable String name) {
        return switch (name) {
            case null -> Protocol.TCP;
            case "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            default -> null;
        };
    }

    /** Those of the whole cluster, or of the node's zone where the endpoints say so. */
    List<Backend> anywhere(String portName, Protocol protocol) {
        List<Placed> placed = placed(portName, protocol);
        List<Placed> ready = placed.stream().filter(one -> isReady(one.endpoint())).toList();
        if (ready.isEmpty()) {
            return backends(placed, one -> servesWhileTerminating(one.endpoint()));
        }
        return isZoned(ready)
                ? backends(ready, one -> zones(one.endpoint()).contains(node.zone()))
                : backends(ready, _ -> true);
    }

    /** Those on the node. */
    List<Backend> onNode(String portName, Protocol protocol) {
        List<Placed> local =
                placed(portName, protocol).stream()
                        .filter(one -> node.name().equals(one.endpoint().getNodeName()))
                        .toList();
        List<Backend> ready = backends(local, one -> isReady(one.endpoint()));
        return ready.isEmpty()
                ? backends(local, one -> servesWhileTerminating(one.endpoint()))
                : ready;
    }

    /** How many ready ones are on the node, whatever their port. */
    int readyOnNode() {
        return (int)
                slices.stream()
                        .flatMap(slice -> endpoints(slice).stream())
                        .filter(endpoint -> node.name().equals(endpoint.getNodeName()))
                        .filter(EndpointChoice::isReady)
                        .flatMap(endpoint -> endpoint.getAddresses().stream())
                        .distinct()
                        .count();
    }

    private record Placed(Endpoint endpoint, int port) {}

    private List<Placed> placed(String portName, Protocol protocol) {
        List<Placed> placed = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            Integer port = port(slice, portName, protocol);
            if (port != null) {
                endpoints(slice).forEach(endpoint -> placed.add(new Placed(endpoint, port)));
            }
        }
        return placed;
    }

    private static List<Backend> backends(List<Placed> placed, Predicate<Placed> wanted) {
        return placed.stream()
                .filter(wanted)
                .flatMap(one ->
                        one.endpoint().getAddresses().stream()
                                .map(address -> new Backend(address, one.port())))
                .toList();
    }

    private boolean isZoned(List<Placed> ready) {
        return !node.zone().isEmpty()
                && ready.stream().noneMatch(one -> zones(one.endpoint()).isEmpty())
                && ready.stream().anyMatch(one -> zones(one.endpoint()).contains(node.zone()));
    }

    private static List<String> zones(Endpoint endpoint) {
        return endpoint.getHints() == null || endpoint.getHints().getForZones() == null
                ? List.of()
                : endpoint.getHints().getForZones().stream().map(ForZone::getName).toList();
    }

    private static @Nullable Integer port(EndpointSlice slice, String name, Protocol protocol) {
        List<EndpointPort> ports = slice.getPorts() == null ? List.of() : slice.getPorts();
        for (EndpointPort port : ports) {
            if (name.equals(Objects.requireNonNullElse(port.getName(), ""))
                    && protocol == protocol(port.getProtocol())) {
                return port.getPort();
            }
        }
        return null;
    }

    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    private static boolean servesWhileTerminating(Endpoint endpoint) {
        return endpoint.getConditions() != null
                && Boolean.TRUE.equals(endpoint.getConditions().getServing())
                && Boolean.TRUE.equals(endpoint.getConditions().getTerminating());
    }

    /** Go writes an empty list as null. */
    private static List<Endpoint> endpoints(EndpointSlice slice) {
        return slice.getEndpoints() == null ? List.of() : slice.getEndpoints();
    }
}
