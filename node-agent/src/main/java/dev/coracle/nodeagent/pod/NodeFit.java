package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Takes pods while the node has room for their requests and host ports and they select it. Pods
 * that already ran are taken back without a question. Thread-safe.
 */
final class NodeFit implements PodAdmission {

    private static final Set<String> SAFE_SYSCTLS =
            Set.of(
                    "kernel.shm_rmid_forced",
                    "net.ipv4.ip_local_port_range",
                    "net.ipv4.tcp_syncookies",
                    "net.ipv4.ping_group_range",
                    "net.ipv4.ip_unprivileged_port_start",
                    "net.ipv4.ip_local_reserved_ports",
                    "net.ipv4.tcp_keepalive_time",
                    "net.ipv4.tcp_fin_timeout",
                    "net.ipv4.tcp_keepalive_intvl",
                    "net.ipv4.tcp_keepalive_probes",
                    "net.ipv4.tcp_rmem",
                    "net.ipv4.tcp_wmem");

    private final Supplier<Optional<Node>> node;
    private final Map<String, Pod> admitted = new LinkedHashMap<>();

    NodeFit(Supplier<Optional<Node>> node) {
        this.node = node;
    }

    @Override
    public synchronized Optional<Rejection> admit(Pod pod) {
        boolean ran = pod.getStatus() != null && "Running".equals(pod.getStatus().getPhase());
        String uid = pod.getMetadata().getUid();
        if (!ran && !admitted.containsKey(uid)) {
            Optional<Rejection> rejection =
                    forbiddenSysctl(pod)
                            .or(() ->
                                    node.get().flatMap(n -> rejection(pod, n, admitted.values())));
            if (rejection.isPresent()) {
                return rejection;
            }
        }
        admitted.put(uid, pod);
        return Optional.empty();
    }

    @Override
    public synchronized void release(Pod pod) {
        admitted.remove(pod.getMetadata().getUid());
    }

    /** Those that are not a namespace's own would change the node. */
    static Optional<Rejection> forbiddenSysctl(Pod pod) {
        if (pod.getSpec().getSecurityContext() == null) {
            return Optional.empty();
        }
        return pod.getSpec().getSecurityContext().getSysctls().stream()
                .map(sysctl -> sysctl.getName().replace('/', '.'))
                .filter(name -> !SAFE_SYSCTLS.contains(name))
                .findFirst()
                .map(name ->
                        new Rejection(
                                "SysctlForbidden",
                                "forbidden sysctl: \"" + name + "\" not allowlisted"));
    }

    /** Why {@code pod} does not fit beside {@code others}; empty if it does. */
    static Optional<Rejection> rejection(Pod pod, Node node, Collection<Pod> others) {
        Map<String, Quantity> allocatable =
                node.getStatus() == null || node.getStatus().getAllocatable() == null
                        ? Map.of()
                        : node.getStatus().getAllocatable();
        Optional<Rejection> room = noRoom(pod, allocatable, others);
        if (room.isPresent()) {
            return room;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
        Map<String, String> selector =
                Objects.requireNonNullElse(pod.getSpec().getNodeSelector(), Map.of());
        if (!labels.entrySet().containsAll(selector.entrySet())) {
            return Optional.of(
                    new Rejection(
                            "NodeAffinity",
                            "Predicate NodeAffinity failed: node(s) didn't match Pod's node"
                                    + " affinity/selector"));
        }
        Set<HostPort> taken = new HashSet<>();
        others.forEach(other -> taken.addAll(hostPorts(other)));
        boolean clash =
                hostPorts(pod).stream().anyMatch(port -> taken.stream().anyMatch(port::clashes));
        return clash
                ? Optional.of(
                        new Rejection(
                                "NodePorts",
                                "Predicate NodePorts failed: node(s) didn't have free ports for the"
                                        + " requested pod ports"))
                : Optional.empty();
    }

    private static Optional<Rejection> noRoom(
            Pod pod, Map<String, Quantity> allocatable, Collection<Pod> others) {
        Map<String, BigDecimal> wanted = requests(pod);
        wanted.put("pods", BigDecimal.ONE);
        for (Map.Entry<String, BigDecimal> want : wanted.entrySet()) {
            String resource = want.getKey();
            Quantity capacity = allocatable.get(resource);
            if (capacity == null || want.getValue().signum() == 0) {
                continue;
            }
            BigDecimal used = BigDecimal.ZERO;
            for (Pod other : others) {
                used =
                        used.add(
                                resource.equals("pods")
                                        ? BigDecimal.ONE
                                        : requests(other).getOrDefault(resource, BigDecimal.ZERO));
            }
            BigDecimal all = Quantity.getAmountInBytes(capacity);
            if (used.add(want.getValue()).compareTo(all) > 0) {
                return Optional.of(
                        new Rejection(
                                "OutOf" + resource,
                                "Node didn't have enough resource: %s, requested: %s, used: %s, capacity: %s"
                                        .formatted(
                                                resource,
                                                units(resource, want.getValue()),
                                                units(resource, used),
                                                units(resource, all))));
            }
        }
        return Optional.empty();
    }

    /** CPU is counted in thousandths. */
    private static String units(String resource, BigDecimal amount) {
        BigDecimal shown = resource.equals("cpu") ? amount.movePointRight(3) : amount;
        return shown.toBigInteger().toString();
    }

    /** The larger of what init containers and what the others need, sidecars in both. */
    static Map<String, BigDecimal> requests(Pod pod) {
        Map<String, BigDecimal> sidecars = new LinkedHashMap<>();
        Map<String, BigDecimal> largest = new LinkedHashMap<>();
        for (Container init : pod.getSpec().getInitContainers()) {
            Map<String, BigDecimal> own = requests(init);
            if ("Always".equals(init.getRestartPolicy())) {
                own.forEach((k, v) -> sidecars.merge(k, v, BigDecimal::add));
                sidecars.forEach((k, v) -> largest.merge(k, v, BigDecimal::max));
            } else {
                Map<String, BigDecimal> now = new LinkedHashMap<>(sidecars);
                own.forEach((k, v) -> now.merge(k, v, BigDecimal::add));
                now.forEach((k, v) -> largest.merge(k, v, BigDecimal::max));
            }
        }
        Map<String, BigDecimal> sum = new LinkedHashMap<>(sidecars);
        for (Container container : pod.getSpec().getContainers()) {
            requests(container).forEach((k, v) -> sum.merge(k, v, BigDecimal::add));
        }
        sum.forEach((k, v) -> largest.merge(k, v, BigDecimal::max));
        if (pod.getSpec().getOverhead() != null) {
            pod.getSpec()
                    .getOverhead()
                    .forEach((k, v) ->
                            largest.merge(k, Quantity.getAmountInBytes(v), BigDecimal::add));
        }
        return largest;
    }

    private static Map<String, BigDecimal> requests(Container container) {
        Map<String, BigDecimal> requests = new LinkedHashMap<>();
        if (container.getResources() != null && container.getResources().getRequests() != null) {
            container
                    .getResources()
                    .getRequests()
                    .forEach((k, v) -> requests.put(k, Quantity.getAmountInBytes(v)));
        }
        return requests;
    }

    private static List<HostPort> hostPorts(Pod pod) {
        List<HostPort> ports = new ArrayList<>();
        for (Container container : pod.getSpec().getContainers()) {
            for (ContainerPort port : container.getPorts()) {
                if (port.getHostPort() != null && port.getHostPort() > 0) {
                    ports.add(
                            new HostPort(
                                    Objects.requireNonNullElse(port.getHostIP(), ""),
                                    Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                                    port.getHostPort()));
                }
            }
        }
        return ports;
    }

    private record HostPort(String address, String protocol, int port) {
        boolean clashes(HostPort other) {
            boolean everywhere = isEverywhere() || other.isEverywhere();
            return port == other.port
                    && protocol.equals(other.protocol)
                    && (everywhere || address.equals(other.address));
        }

        private boolean isEverywhere() {
            return address.isEmpty() || address.equals("0.0.0.0");
        }
    }
}
