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
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Filters the nodes a pod may go to and takes the best, as kube-scheduler's default profile does:
 * taints, labels, host ports, resources, spread and neighbours; the same count, with their weights,
 * for the choice.
 */
final class Scheduling {

    private static final List<String> SCORED = List.of("cpu", "memory");

    private record HostPort(String address, int port, String protocol) {

        /** All addresses are one with each of them. */
        boolean clashesWith(HostPort other) {
            return port == other.port
                    && protocol.equals(other.protocol)
                    && (isAny() || other.isAny() || address.equals(other.address));
        }

        private boolean isAny() {
            return address.isEmpty() || address.equals("0.0.0.0");
        }
    }

    private Scheduling() {}

    /** What is looked at for all nodes together. */
    private record Context(Neighbours neighbours, TopologySpread spread) {

        static Context of(
                Pod pod, List<NodeState> nodes, Map<String, Map<String, String>> namespaces) {
            return new Context(
                    new Neighbours(pod, nodes, namespaces), new TopologySpread(pod, nodes));
        }
    }

    /**
     * Chooses a node.
     *
     * @param namespaces the labels of each namespace
     */
    static Placement place(
            Pod pod, List<NodeState> nodes, Map<String, Map<String, String>> namespaces) {
        Context context = Context.of(pod, nodes, namespaces);
        Map<String, Integer> reasons = new HashMap<>();
        List<NodeState> feasible = new ArrayList<>();
        List<NodeState> resolvable = new ArrayList<>();
        for (NodeState node : nodes) {
            Refusal refusal = refusal(pod, node, context);
            if (refusal.reasons().isEmpty()) {
                feasible.add(node);
            } else if (refusal.resolvable()) {
                resolvable.add(node);
            }
            refusal.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum));
        }
        return feasible.stream()
                .min(preference(pod, feasible, context))
                .<Placement>map(node -> new Placement.Fits(node.name()))
                .orElseGet(() -> new Placement.Unschedulable(nodes.size(), reasons, resolvable));
    }

    /** Whether one of the nodes takes the pod as things are. */
    static boolean takes(
            Pod pod,
            NodeState node,
            List<NodeState> nodes,
            Map<String, Map<String, String>> namespaces) {
        return refusal(pod, node, Context.of(pod, nodes, namespaces)).reasons().isEmpty();
    }

    /**
     * Why a node cannot take a pod.
     *
     * @param resolvable whether fewer pods on the node could help
     */
    private record Refusal(List<String> reasons, boolean resolvable) {

        static Refusal forGood(String reason) {
            return new Refusal(List.of(reason), false);
        }

        static Refusal forNow(String reason) {
            return new Refusal(List.of(reason), true);
        }
    }

    /** Why {@code node} cannot take {@code pod}: the first filter's reasons that apply. */
    private static Refusal refusal(Pod pod, NodeState node, Context context) {
        if (node.isCordoned() && !Tolerations.tolerates(pod, cordon())) {
            return Refusal.forGood("node(s) were unschedulable");
        }
        for (Taint taint : node.taints()) {
            if (!"PreferNoSchedule".equals(taint.getEffect())
                    && !Tolerations.tolerates(pod, taint)) {
                return Refusal.forGood(
                        "node(s) had untolerated taint {%s: %s}"
                                .formatted(
                                        taint.getKey(),
                                        taint.getValue() == null ? "" : taint.getValue()));
            }
        }
        if (!NodeAffinityTerms.accept(pod, node)) {
            return Refusal.forGood("node(s) didn't match Pod's node affinity/selector");
        }
        Set<HostPort> wanted = hostPorts(pod);
        if (!wanted.isEmpty()
                && node.pods().stream()
                        .flatMap(other -> hostPorts(other).stream())
                        .anyMatch(taken -> wanted.stream().anyMatch(taken::clashesWith))) {
            return Refusal.forNow("node(s) didn't have free ports for the requested pod ports");
        }
        List<String> shortages = shortages(pod, node);
        if (!shortages.isEmpty()) {
            return new Refusal(shortages, true);
        }
        Optional<String> uneven = context.spread().objection(node);
        if (uneven.isPresent()) {
            return new Refusal(
                    List.of(uneven.get()), !uneven.get().endsWith("(missing required label)"));
        }
        Optional<String> neighbours = context.neighbours().objection(node);
        if (neighbours.isPresent()) {
            return new Refusal(
                    List.of(neighbours.get()),
                    !neighbours.get().endsWith("match pod affinity rules"));
        }
        return new Refusal(List.of(), false);
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

    /** By the weights of kube-scheduler's default profile; then fewest pods, then name. */
    private static Comparator<NodeState> preference(
            Pod pod, List<NodeState> feasible, Context context) {
        Map<String, Double> scores = new HashMap<>();
        add(scores, feasible, 3, node -> -avoided(pod, node));
        add(scores, feasible, 2, node -> NodeAffinityTerms.preference(pod, node));
        add(scores, feasible, 2, node -> context.neighbours().preference(node));
        add(
                scores,
                feasible,
                2,
                context.spread().isAsked()
                        ? node -> -context.spread().crowd(node)
                        : node -> -siblings(pod, node));
        for (NodeState node : feasible) {
            double free = 1 - load(node).doubleValue() / SCORED.size();
            scores.merge(node.name(), 100 * free, Double::sum);
        }
        return Comparator.comparingDouble(
                        (NodeState node) -> -scores.getOrDefault(node.name(), 0.0))
                .thenComparingInt(node -> node.pods().size())
                .thenComparing(NodeState::name);
    }

    /** The best gets 100 times the weight, the worst nothing; alike ones get nothing. */
    private static void add(
            Map<String, Double> scores,
            List<NodeState> nodes,
            int weight,
            ToLongFunction<NodeState> score) {
        long[] values = nodes.stream().mapToLong(score).toArray();
        long least = Arrays.stream(values).min().orElse(0);
        long most = Arrays.stream(values).max().orElse(0);
        for (int i = 0; i < values.length && most > least; i++) {
            double normal = 100.0 * (values[i] - least) / (most - least);
            scores.merge(nodes.get(i).name(), weight * normal, Double::sum);
        }
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
                        String address = port.getHostIP() == null ? "" : port.getHostIP();
                        ports.add(new HostPort(address, port.getHostPort(), protocol));
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
