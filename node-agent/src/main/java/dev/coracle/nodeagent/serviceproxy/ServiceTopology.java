package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Protocol;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Services and EndpointSlices to rules, as seen from one node. Pure.
 *
 * <p>An endpoint is usable if it is ready; if none of a Service is, those that still serve while
 * terminating are (KEP-1669).
 */
final class ServiceTopology {

    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private ServiceTopology() {}

    static RuleSet ruleSet(
            Collection<Service> services, Collection<EndpointSlice> slices, String node) {
        Map<String, List<EndpointSlice>> byService = new HashMap<>();
        for (EndpointSlice slice : slices) {
            String service = label(slice.getMetadata().getLabels(), SERVICE_NAME);
            if (service != null && "IPv4".equals(slice.getAddressType())) {
                byService
                        .computeIfAbsent(
                                slice.getMetadata().getNamespace() + "/" + service,
                                _ -> new ArrayList<>())
                        .add(slice);
            }
        }
        List<ServiceRule> rules = new ArrayList<>();
        for (Service service : services) {
            if (!isOurs(service)) {
                continue;
            }
            String key =
                    service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
            List<EndpointSlice> mine = byService.getOrDefault(key, List.of());
            for (ServicePort port : service.getSpec().getPorts()) {
                Protocol protocol = protocol(port.getProtocol());
                if (protocol != null) {
                    rules.add(rule(key, service, port, protocol, mine, node));
                }
            }
        }
        rules.sort(Comparator.comparing(ServiceRule::name).thenComparing(ServiceRule::protocol));
        return new RuleSet(rules);
    }

    private static boolean isOurs(Service service) {
        ServiceSpec spec = service.getSpec();
        if (spec == null || label(service.getMetadata().getLabels(), PROXY_NAME) != null) {
            return false;
        }
        String clusterIp = spec.getClusterIP();
        return !"ExternalName".equals(spec.getType())
                && clusterIp != null
                && clusterIp.matches("[0-9.]+");
    }

    private static ServiceRule rule(
            String key,
            Service service,
            ServicePort port,
            Protocol protocol,
            List<EndpointSlice> slices,
            String node) {
        ServiceSpec spec = service.getSpec();
        String portName = Objects.requireNonNullElse(port.getName(), "");
        List<Backend> all = usable(slices, portName, protocol, null);
        boolean internalLocal = "Local".equals(spec.getInternalTrafficPolicy());
        boolean externalLocal = "Local".equals(spec.getExternalTrafficPolicy());
        List<Backend> local =
                internalLocal || externalLocal ? usable(slices, portName, protocol, node) : all;
        return new ServiceRule(
                key + ":" + (portName.isEmpty() ? port.getPort() : portName),
                protocol,
                addresses(service),
                port.getPort(),
                Objects.requireNonNullElse(port.getNodePort(), 0),
                internalLocal ? local : all,
                externalLocal ? local : all,
                externalLocal,
                "ClientIP".equals(spec.getSessionAffinity()));
    }

    private static List<String> addresses(Service service) {
        List<String> addresses = new ArrayList<>();
        addresses.add(service.getSpec().getClusterIP());
        addresses.addAll(Objects.requireNonNullElse(service.getSpec().getExternalIPs(), List.of()));
        if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
            for (LoadBalancerIngress ingress : service.getStatus().getLoadBalancer().getIngress()) {
                if (ingress.getIp() != null && !"Proxy".equals(ingress.getIpMode())) {
                    addresses.add(ingress.getIp());
                }
            }
        }
        return addresses.stream().filter(a -> a.matches("[0-9.]+")).distinct().toList();
    }

    /** The usable endpoints, only those on {@code node} unless it is null. */
    private static List<Backend> usable(
            List<EndpointSlice> slices, String portName, Protocol protocol, @Nullable String node) {
        List<Backend> ready = new ArrayList<>();
        List<Backend> terminating = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            Integer port = endpointPort(slice, portName, protocol);
            if (port == null) {
                continue;
            }
            for (Endpoint endpoint : slice.getEndpoints()) {
                if (node != null && !node.equals(endpoint.getNodeName())) {
                    continue;
                }
                for (String address : endpoint.getAddresses()) {
                    Backend backend = new Backend(address, port);
                    if (isReady(endpoint)) {
                        ready.add(backend);
                    } else if (servesWhileTerminating(endpoint)) {
                        terminating.add(backend);
                    }
                }
            }
        }
        return ready.isEmpty() ? terminating : ready;
    }

    private static @Nullable Integer endpointPort(
            EndpointSlice slice, String name, Protocol protocol) {
        for (EndpointPort port : slice.getPorts()) {
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
        return Boolean.TRUE.equals(endpoint.getConditions().getServing())
                && Boolean.TRUE.equals(endpoint.getConditions().getTerminating());
    }

    /** Null for what the proxy does not carry (SCTP). */
    private static @Nullable Protocol protocol(@Nullable String name) {
        return switch (name) {
            case null -> Protocol.TCP;
            case "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            default -> null;
        };
    }

    private static @Nullable String label(@Nullable Map<String, String> labels, String key) {
        return labels == null ? null : labels.get(key);
    }
}
