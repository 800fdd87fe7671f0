package dev.coracle.controllers.scheduling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The cluster at one moment, as one decision sees it.
 *
 * @param opinionated those of {@code nodes} that have pods which say something about other pods
 * @param namespaces the labels of each namespace
 * @param nominated pods that room is being made for, by node
 * @param imageNodes on how many nodes each image is
 */
record ClusterView(
        List<NodeState> nodes,
        List<NodeState> opinionated,
        Map<String, Map<String, String>> namespaces,
        Map<String, List<PlacedPod>> nominated,
        Map<String, Integer> imageNodes) {

    static ClusterView of(List<NodeState> nodes, Map<String, Map<String, String>> namespaces) {
        Map<String, Integer> imageNodes = new HashMap<>();
        nodes.forEach(node ->
                node.images().keySet().forEach(name -> imageNodes.merge(name, 1, Integer::sum)));
        return new ClusterView(nodes, opinionated(nodes), namespaces, Map.of(), imageNodes);
    }

    static List<NodeState> opinionated(List<NodeState> nodes) {
        return nodes.stream().filter(NodeState::isOpinionated).toList();
    }

    /** The same with another state of one node. */
    ClusterView with(int index, NodeState node) {
        boolean matters = node.isOpinionated() || nodes.get(index).isOpinionated();
        List<NodeState> changed = new ArrayList<>(nodes);
        changed.set(index, node);
        return new ClusterView(
                changed,
                matters ? opinionated(changed) : opinionated,
                namespaces,
                nominated,
                imageNodes);
    }

    /** The pods, of at least that priority, that room is being made for there. */
    List<PlacedPod> nominatedAgainst(PlacedPod pod, String node) {
        int least = Preemption.priority(pod.pod());
        return nominated(node, pod, priority -> priority >= least);
    }

    /** The pods, of lower priority, that room is being made for there. */
    List<PlacedPod> nominatedBelow(PlacedPod pod, String node) {
        int limit = Preemption.priority(pod.pod());
        return nominated(node, pod, priority -> priority < limit);
    }

    private List<PlacedPod> nominated(String node, PlacedPod except, IntPredicate priority) {
        List<PlacedPod> all = nominated.get(node);
        return all == null
                ? List.of()
                : all.stream()
                        .filter(other -> !other.uid().equals(except.uid()))
                        .filter(other -> priority.test(Preemption.priority(other.pod())))
                        .toList();
    }
}
