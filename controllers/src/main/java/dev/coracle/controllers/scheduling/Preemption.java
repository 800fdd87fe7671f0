package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds pods of lower priority that make room for one: on each node as few as will do, and of the
 * nodes the one whose loss is least, as kube-scheduler compares them.
 */
final class Preemption {

    /** The pods of {@code node} that have to go. */
    record Victims(String node, List<Pod> pods) {}

    private static final Comparator<Pod> MOST_IMPORTANT_FIRST =
            Comparator.comparingInt(Preemption::priority)
                    .reversed()
                    .thenComparing(
                            pod -> pod.getStatus() == null ? null : pod.getStatus().getStartTime(),
                            Comparator.nullsLast(Comparator.naturalOrder()));

    private Preemption() {}

    static int priority(Pod pod) {
        Integer priority = pod.getSpec().getPriority();
        return priority == null ? 0 : priority;
    }

    /**
     * Looks at the nodes where fewer pods could help.
     *
     * @param nodes all nodes: pods on the others count for affinity and spread
     * @param candidates the names of the nodes to make room on
     */
    static Optional<Victims> find(
            Pod pod,
            List<NodeState> nodes,
            Set<String> candidates,
            Map<String, Map<String, String>> namespaces) {
        if ("Never".equals(pod.getSpec().getPreemptionPolicy())) {
            return Optional.empty();
        }
        List<Victims> found = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (candidates.contains(nodes.get(i).name())) {
                onNode(pod, nodes, i, namespaces).ifPresent(found::add);
            }
        }
        return found.stream()
                .min(
                        Comparator.comparingInt((Victims v) -> highest(v.pods()))
                                .thenComparingLong(v -> sum(v.pods()))
                                .thenComparingInt(v -> v.pods().size())
                                .thenComparing(Victims::node));
    }

    private static int highest(List<Pod> pods) {
        return pods.stream().mapToInt(Preemption::priority).max().orElse(Integer.MIN_VALUE);
    }

    private static long sum(List<Pod> pods) {
        // as upstream, so that two low ones are not better than one high one by their signs
        return pods.stream().mapToLong(pod -> priority(pod) + (long) Integer.MAX_VALUE + 1).sum();
    }

    private static Optional<Victims> onNode(
            Pod pod,
            List<NodeState> nodes,
            int index,
            Map<String, Map<String, String>> namespaces) {
        NodeState node = nodes.get(index);
        List<Pod> lower =
                node.pods().stream()
                        .filter(other -> priority(other) < priority(pod))
                        .sorted(MOST_IMPORTANT_FIRST)
                        .toList();
        List<Pod> kept = new ArrayList<>(node.pods());
        kept.removeAll(lower);
        if (lower.isEmpty() || !fits(pod, nodes, index, kept, namespaces)) {
            return Optional.empty();
        }
        List<Pod> victims = new ArrayList<>();
        for (Pod candidate : lower) {
            kept.add(candidate);
            if (!fits(pod, nodes, index, kept, namespaces)) {
                kept.removeLast();
                victims.add(candidate);
            }
        }
        return victims.isEmpty()
                ? Optional.empty()
                : Optional.of(new Victims(node.name(), victims));
    }

    private static boolean fits(
            Pod pod,
            List<NodeState> nodes,
            int index,
            List<Pod> kept,
            Map<String, Map<String, String>> namespaces) {
        List<NodeState> changed = new ArrayList<>(nodes);
        NodeState node = new NodeState(nodes.get(index).node(), kept);
        changed.set(index, node);
        return Scheduling.takes(pod, node, changed, namespaces);
    }
}
