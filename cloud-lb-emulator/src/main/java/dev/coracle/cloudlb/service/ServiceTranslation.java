package dev.coracle.cloudlb.service;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What to ask of the provider for a Service: the JSON of its REST API as maps. */
final class ServiceTranslation {

    private static final String EXCLUDED =
            "node.kubernetes.io/exclude-from-external-load-balancers";
    private static final String LEAVING = "ToBeDeletedByClusterAutoscaler";
    private static final int PROXY_HEALTH_PORT = 10256;

    private ServiceTranslation() {}

    /** The provider's name for it, as cloud controllers make it. */
    static String name(Service service) {
        String name = "a" + service.getMetadata().getUid().replace("-", "");
        return name.substring(0, Math.min(32, name.length()));
    }

    static boolean isWanted(Service service) {
        return "LoadBalancer".equals(service.getSpec().getType())
                && service.getSpec().getLoadBalancerClass() == null
                && service.getMetadata().getDeletionTimestamp() == null;
    }

    /** Why it cannot be served, if so. */
    static Optional<String> findRefusal(Service service) {
        List<ServicePort> ports =
                service.getSpec().getPorts() == null ? List.of() : service.getSpec().getPorts();
        if (ports.isEmpty()) {
            return Optional.of("the Service has no ports");
        }
        return ports.stream()
                .filter(p -> !"TCP".equals(protocol(p)) && !"UDP".equals(protocol(p)))
                .findFirst()
                .map(p ->
                        "protocol "
                                + protocol(p)
                                + " of port "
                                + p.getPort()
                                + " is not supported");
    }

    /** True when every port has its node port. */
    static boolean hasNodePorts(Service service) {
        return service.getSpec().getPorts().stream()
                .allMatch(p -> p.getNodePort() != null && p.getNodePort() > 0);
    }

    static Map<String, Object> request(Service service, Collection<Node> nodes) {
        List<Map<String, Object>> listeners = new ArrayList<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            Map<String, Object> listener = new TreeMap<>();
            listener.put("name", port.getName() == null ? "" : port.getName());
            listener.put("protocol", protocol(port));
            listener.put("port", port.getPort());
            listener.put("targetPort", port.getNodePort());
            listeners.add(listener);
        }
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("name", name(service));
        request.put("address", wantedAddress(service));
        request.put("listeners", listeners);
        request.put("targets", targets(nodes));
        request.put("healthCheck", healthCheck(service));
        List<String> ranges = service.getSpec().getLoadBalancerSourceRanges();
        request.put("sourceRanges", ranges == null ? List.of() : ranges);
        request.put("sourceAffinity", "ClientIP".equals(service.getSpec().getSessionAffinity()));
        return request;
    }

    /**
     * The address it asks for; else the one it has, so that it stays across restarts of the
     * provider.
     */
    static String wantedAddress(Service service) {
        String asked = service.getSpec().getLoadBalancerIP();
        return asked != null && !asked.isEmpty() ? asked : findAddress(service).orElse("");
    }

    static Optional<String> findAddress(Service service) {
        if (service.getStatus() == null
                || service.getStatus().getLoadBalancer() == null
                || service.getStatus().getLoadBalancer().getIngress() == null) {
            return Optional.empty();
        }
        return service.getStatus().getLoadBalancer().getIngress().stream()
                .map(ingress -> ingress.getIp() == null ? "" : ingress.getIp())
                .filter(ip -> !ip.isEmpty())
                .findFirst();
    }

    /** Nodes that take traffic from load balancers, by name. */
    static List<Map<String, Object>> targets(Collection<Node> nodes) {
        List<Map<String, Object>> targets = new ArrayList<>();
        nodes.stream()
                .filter(ServiceTranslation::isEligible)
                .sorted(Comparator.comparing(node -> node.getMetadata().getName()))
                .forEach(node ->
                        findInternalAddress(node)
                                .ifPresent(address ->
                                        targets.add(
                                                new TreeMap<>(
                                                        Map.of(
                                                                "name",
                                                                node.getMetadata().getName(),
                                                                "address",
                                                                address)))));
        return targets;
    }

    private static boolean isEligible(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        boolean excluded =
                labels != null
                        && labels.containsKey(EXCLUDED)
                        && !"false".equals(labels.get(EXCLUDED));
        boolean leaving =
                node.getSpec() != null
                        && node.getSpec().getTaints() != null
                        && node.getSpec().getTaints().stream()
                                .anyMatch(t -> LEAVING.equals(t.getKey()));
        return !excluded
                && !leaving
                && node.getMetadata().getDeletionTimestamp() == null
                && isReady(node);
    }

    private static boolean isReady(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    private static Optional<String> findInternalAddress(Node node) {
        return node.getStatus().getAddresses() == null
                ? Optional.empty()
                : node.getStatus().getAddresses().stream()
                        .filter(a -> "InternalIP".equals(a.getType()))
                        .map(a -> a.getAddress())
                        .findFirst();
    }

    /**
     * With the Local policy each node says whether it has endpoints; else whether its proxy works.
     */
    private static Map<String, Object> healthCheck(Service service) {
        Integer local = service.getSpec().getHealthCheckNodePort();
        boolean asksService =
                "Local".equals(service.getSpec().getExternalTrafficPolicy())
                        && local != null
                        && local > 0;
        Map<String, Object> check = new TreeMap<>();
        check.put("protocol", "HTTP");
        check.put("port", asksService ? local : PROXY_HEALTH_PORT);
        check.put("path", "/healthz");
        check.put("intervalMillis", asksService ? 1000 : 5000);
        check.put("timeoutMillis", 2000);
        check.put("healthyThreshold", 1);
        check.put("unhealthyThreshold", 2);
        return check;
    }

    static String protocol(ServicePort port) {
        return port.getProtocol() == null ? "TCP" : port.getProtocol().toUpperCase(Locale.ROOT);
    }
}
