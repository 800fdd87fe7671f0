package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pods go first when there are too many, as kube-controller-manager ranks them: without node,
 * not running, not ready, lower deletion cost, more siblings on the node, ready for less long, more
 * restarts, younger.
 */
final class DeletionRanking {

    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

    private DeletionRanking() {}

    /**
     * The {@code count} pods of {@code pods} to delete.
     *
     * @param siblings the pods that count on a node: also those of other ReplicaSets of the same
     *     Deployment
     */
    static List<Pod> first(int count, List<Pod> pods, List<Pod> siblings) {
        Map<String, Integer> perNode = new HashMap<>();
        siblings.stream()
                .filter(DeletionRanking::isPlaced)
                .forEach(p -> perNode.merge(node(p), 1, Integer::sum));
        Comparator<Pod> order =
                Comparator.comparing(DeletionRanking::isPlaced)
                        .thenComparingInt(DeletionRanking::phaseRank)
                        .thenComparing(Pods::isReady)
                        .thenComparingInt(DeletionRanking::cost)
                        .thenComparingInt(pod -> -perNode.getOrDefault(node(pod), 0))
                        .thenComparing(DeletionRanking::readySince, Comparator.reverseOrder())
                        .thenComparingInt(pod -> -restarts(pod))
                        .thenComparing(
                                pod -> pod.getMetadata().getCreationTimestamp(),
                                Comparator.nullsLast(Comparator.reverseOrder()))
                        .thenComparing(pod -> pod.getMetadata().getName());
        List<Pod> ranked = new ArrayList<>(pods);
        ranked.sort(order);
        return ranked.subList(0, Math.min(count, ranked.size()));
    }

    private static boolean isPlaced(Pod pod) {
        return !node(pod).isEmpty();
    }

    private static String node(Pod pod) {
        return pod.getSpec() == null || pod.getSpec().getNodeName() == null
                ? ""
                : pod.getSpec().getNodeName();
    }

    private static int phaseRank(Pod pod) {
        return switch (Pods.phase(pod)) {
            case "Pending" -> 0;
            case "Unknown" -> 1;
            case String _ -> 2;
        };
    }

    /** Pods that are not ready rank together, as if ready since for ever. */
    private static Instant readySince(Pod pod) {
        return Pods.findReadySince(pod).orElse(Instant.MIN);
    }

    private static int cost(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String cost = annotations == null ? null : annotations.get(COST);
        try {
            return cost == null ? 0 : Integer.parseInt(cost);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static int restarts(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
            return 0;
        }
        return pod.getStatus().getContainerStatuses().stream()
                .map(ContainerStatus::getRestartCount)
                .filter(count -> count != null)
                .max(Integer::compare)
                .orElse(0);
    }
}
