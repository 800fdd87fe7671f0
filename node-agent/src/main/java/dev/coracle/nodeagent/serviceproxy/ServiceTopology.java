package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One Service and its EndpointSlices to rules, as seen from one node. Pure. */
final class ServiceTopology {

    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final int AFFINITY_SECONDS = 10800;

    private ServiceTopology() {}

    /** A Service's name, {@code namespace/name}. */
    static String key(Service service) {
        return service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
    }

    /** The name of the Service that a slice belongs to, or null. */
    static @Nullable String serviceKey(EndpointSlice slice) {
        String service = label(slice.getMetadata().getLabels(), SERVICE_NAME);
        return service == null ? null : slice.getMetadata().getNamespace() + "/" + service;
    }

    /**
     * The rules of a Service.
     *
     * @param slices all of the Service's
     * @param addresses the node's, where node ports are open
     */
    static List<ServiceRule> rules(
            Service service, List<EndpointSlice> slices, NodeView node, List<String> addresses) {
        if (!isOurs(service)) {
            return List.of();
        }
        List<ServiceRule> rules = new ArrayList<>();
        EndpointChoice endpoints = EndpointChoice.of(slices, node);
        for (ServicePort port : service.getSpec().getPorts()) {
            Protocol protocol = EndpointChoice.protocol(port.getProtocol());
            if (protocol != null) {
                rules.add(rule(service, port, protocol, endpoints, addresses));
            }
        }
        return rules;
    }

    private static boolean isOurs(Service service) {
        ServiceSpec spec = service.getSpec();
        if (spec == null || label(service.getMetadata().getLabels(), PROXY_NAME) != null) {
            return false;
        }
        return !"ExternalName".equals(spec.getType()) && isV4(spec.getClusterIP());
    }

    private static ServiceRule rule(
            Service service,
            ServicePort port,
            Protocol protocol,
            EndpointChoice endpoints,
            List<String> addresses) {
        ServiceSpec spec = service.getSpec();
        String portName = Objects.requireNonNullElse(port.getName(), "");
        boolean externalLocal = "Local".equals(spec.getExternalTrafficPolicy());
        List<Backend> all = endpoints.anywhere(portName, protocol);
        List<Backend> outside = externalLocal ? endpoints.onNode(portName, protocol) : all;
        List<Backend> internal =
                "Local".equals(spec.getInternalTrafficPolicy())
                        ? endpoints.onNode(portName, protocol)
                        : all;
        return new ServiceRule(
                key(service)
                        + ":"
                        + (portName.isEmpty() ? port.getPort() : portName)
                        + "/"
                        + protocol.lower(),
                protocol,
                fronts(service, port, addresses),
                new Targets(internal, all, outside, externalLocal),
                affinitySeconds(spec),
                sourceRanges(service));
    }

    private static List<Front> fronts(
            Service service, ServicePort port, List<String> nodeAddresses) {
        ServiceSpec spec = service.getSpec();
        List<Front> fronts = new ArrayList<>();
        fronts.add(new Front(Kind.CLUSTER, spec.getClusterIP(), port.getPort()));
        for (String address :
                Objects.requireNonNullElse(spec.getExternalIPs(), List.<String>of())) {
            if (isV4(address)) {
                fronts.add(new Front(Kind.EXTERNAL, address, port.getPort()));
            }
        }
        if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
            for (LoadBalancerIngress ingress : service.getStatus().getLoadBalancer().getIngress()) {
                if (isV4(ingress.getIp()) && !"Proxy".equals(ingress.getIpMode())) {
                    fronts.add(new Front(Kind.BALANCER, ingress.getIp(), port.getPort()));
                }
            }
        }
        int nodePort = Objects.requireNonNullElse(port.getNodePort(), 0);
        if (nodePort != 0) {
            nodeAddresses.forEach(address -> fronts.add(new Front(Kind.NODE, address, nodePort)));
        }
        return fronts;
    }

    private static int affinitySeconds(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())) {
            return 0;
        }
        var config = spec.getSessionAffinityConfig();
        Integer seconds =
                config == null || config.getClientIP() == null
                        ? null
                        : config.getClientIP().getTimeoutSeconds();
        return Objects.requireNonNullElse(seconds, AFFINITY_SECONDS);
    }

    /** Those of IPv4; a range in another is one nobody here can come from. */
    private static List<Cidr> sourceRanges(Service service) {
        List<String> ranges =
                Objects.requireNonNullElse(
                        service.getSpec().getLoadBalancerSourceRanges(), List.<String>of());
        return ranges.stream()
                .map(String::strip)
                .filter(range -> range.matches("[0-9.]+/[0-9]+"))
                .map(ServiceTopology::network)
                .toList();
    }

    private static Cidr network(String range) {
        int slash = range.indexOf('/');
        int bits = Integer.parseInt(range.substring(slash + 1));
        Cidr address = Cidr.of(range.substring(0, slash) + "/32");
        return new Cidr(bits == 0 ? 0 : address.network() & (-1 << (32 - bits)), bits);
    }

    private static boolean isV4(@Nullable String address) {
        return address != null && address.matches("[0-9.]+");
    }

    private static @Nullable String label(@Nullable Map<String, String> labels, String key) {
        return labels == null ? null : labels.get(key);
    }
}
