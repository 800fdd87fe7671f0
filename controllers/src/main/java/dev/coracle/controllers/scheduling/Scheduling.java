package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Filters the nodes a pod may go to and takes the best.
 *
 * <p>Best is, in this order: fewest taints that ask to be avoided, fewest pods of the same
 * controller, smallest share of its CPU and memory requested, fewest pods, name.
 */
final class Scheduling {

    private static final List<String> SCORED = List.of("cpu", "memory");

    private record HostPort(int port, String protocol) {}

    private Scheduling() {}

    static Placement place(Pod pod, List<NodeState> nodes) {
        Optional<String> refused = findUnsupported(pod);
        Map<String, Integer> reasons = new HashMap<>();
        List<NodeState> feasible = new ArrayList<>();
        for (NodeState node : nodes) {
            List<String> objections = refused.map(List::of).orElseGet(() -> objections(pod, node));
            if (objections.isEmpty()) {
                feasible.add(node);
            }
            objections.forEach(reason -> reasons.merge(reason, 1, Integer::sum));
        }
        return feasible.stream()
                .min(preference(pod))
                .<Placement>map(node -> new Placement.Fits(node.name()))
                .orElseGet(() -> new Placement.Unschedulable(nodes.size(), reasons));
    }

    private static Optional<String> findUnsupported(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        if (affinity != null
                && isRequired(affinity.getPodAffinity(), affinity.getPodAntiAffinity())) {
            return Optional.of("node(s) refused: required pod (anti-)affinity is not supported");
        }
        var spread = pod.getSpec().getTopologySpreadConstraints();
        if (spread != null
                && spread.stream()
                        .anyMatch(c -> "DoNotSchedule".equals(c.getWhenUnsatisfiable()))) {
            return Optional.of(
                    "node(s) refused: topology spread with DoNotSchedule is not supported");
        }
        return Optional.empty();
    }

    private static boolean isRequired(
            io.fabric8.kubernetes.api.model.PodAffinity near,
            io.fabric8.kubernetes.api.model.PodAntiAffinity apart) {
        return (near != null && !near.getRequiredDuringSchedulingIgnoredDuringExecution().isEmpty())
                || (apart != null
                        && !apart.getRequiredDuringSchedulingIgnoredDuringExecution().isEmpty());
    }

    /** Why {@code node} cannot take {@code pod}: the first filter's reasons that apply. */
    private static List<String> objections(Pod pod, NodeState node) {
        if (node.isCordoned() && !Tolerations.tolerates(pod, cordon())) {
            return List.of("node(s) were unschedulable");
        }
        for (Taint taint : node.taints()) {
            if (!"PreferNoSchedule".equals(taint.getEffect())
                    && !Tolerations.tolerates(pod, taint)) {
                return List.of(
                        "node(s) had untolerated taint {%s: %s}"
                                .formatted(
                                        taint.getKey(),
                                        taint.getValue() == null ? "" : taint.getValue()));
            }
        }
        if (!NodeAffinityTerms.accept(pod, node)) {
            return List.of("node(s) didn't match Pod's node affinity/selector");
        }
        Set<HostPort> wanted = hostPorts(pod);
        if (!wanted.isEmpty()
                && node.pods().stream()
                        .flatMap(other -> hostPorts(other).stream())
                        .anyMatch(wanted::contains)) {
            return List.of("node(s) didn't have free ports for the requested pod ports");
        }
        return shortages(pod, node);
    }

    private static List<String> shortages(Pod pod, NodeState node) {
        Demand capacity = node.allocatable();
        Demand used = node.requested();
        List<String> shortages = new ArrayList<>();
        Demand.of(pod)
                .amounts()
                .forEach((name, amount) -> {
                    BigDecimal free = capacity.amount(name).subtract(used.amount(name));
                    if (amount.signum() > 0 && amount.compareTo(free) > 0) {
                        shortages.add(
                                name.equals("pods") ? "Too many pods" : "Insufficient " + name);
                    }
                });
        return shortages;
    }

    private static Comparator<NodeState> preference(Pod pod) {
        return Comparator.comparingLong((NodeState node) -> avoided(pod, node))
                .thenComparingLong(node -> siblings(pod, node))
                .thenComparing(Scheduling::load)
                .thenComparingInt(node -> node.pods().size())
                .thenComparing(NodeState::name);
    }

    private static long avoided(Pod pod, NodeState node) {
        return node.taints().stream()
                .filter(t -> "PreferNoSchedule".equals(t.getEffect()))
                .filter(t -> !Tolerations.tolerates(pod, t))
                .count();
    }

    private static long siblings(Pod pod, NodeState node) {
        Optional<String> controller = Owners.findController(pod).map(OwnerReference::getUid);
        return controller.isEmpty()
                ? 0
                : node.pods().stream()
                        .filter(other ->
                                Owners.findController(other)
                                        .map(OwnerReference::getUid)
                                        .equals(controller))
                        .count();
    }

    private static BigDecimal load(NodeState node) {
        Demand capacity = node.allocatable();
        Demand used = node.requested();
        BigDecimal load = BigDecimal.ZERO;
        for (String name : SCORED) {
            if (capacity.amount(name).signum() > 0) {
                load =
                        load.add(
                                used.amount(name)
                                        .divide(capacity.amount(name), MathContext.DECIMAL32));
            }
        }
        return load;
    }

    private static Set<HostPort> hostPorts(Pod pod) {
        Set<HostPort> ports = new HashSet<>();
        for (Container container : pod.getSpec().getContainers()) {
            if (container.getPorts() != null) {
                for (ContainerPort port : container.getPorts()) {
                    if (port.getHostPort() != null && port.getHostPort() > 0) {
                        String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
                        ports.add(new HostPort(port.getHostPort(), protocol));
                    }
                }
            }
        }
        return ports;
    }

    private static Taint cordon() {
        return new Taint("NoSchedule", "node.kubernetes.io/unschedulable", null, null);
    }
}
