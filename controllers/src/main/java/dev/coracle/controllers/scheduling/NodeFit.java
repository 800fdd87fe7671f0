package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** The scheduler's own answers for others that have to know where a pod could go. */
public final class NodeFit {

    private NodeFit() {}

    /** Whether a node has the labels that the pod's selector and required affinity want. */
    public static boolean hasWantedLabels(Pod pod, Node node) {
        return NodeAffinityTerms.accept(pod, NodeState.of(node, List.of()));
    }

    /** Whether the pod puts up with all of the node's taints of these effects. */
    public static boolean tolerates(Pod pod, Node node, List<String> effects) {
        return NodeState.of(node, List.of()).taints().stream()
                .filter(taint -> effects.contains(taint.getEffect()))
                .allMatch(taint -> Tolerations.tolerates(pod, taint));
    }
}
