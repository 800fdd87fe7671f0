package dev.coracle.controllers.podgarbage;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pods that are to go, as kube-controller-manager's pod garbage collector has them.
 *
 * @param ended the oldest of those that have ended, as many as there are too many
 * @param leaving those that go from a node that will not come back
 * @param unplaced those that go and have never had a node that would end them
 */
record PodGarbage(List<Pod> ended, List<Pod> leaving, List<Pod> unplaced) {

    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /** Of {@code pods}; no more than {@code most} that have ended may stay. */
    static PodGarbage of(List<Pod> pods, List<Node> nodes, int most) {
        Set<String> lost =
                nodes.stream()
                        .filter(node -> isOutOfService(node) && !isReady(node))
                        .map(node -> node.getMetadata().getName())
                        .collect(Collectors.toCollection(HashSet::new));
        List<Pod> leaving =
                lost.isEmpty()
                        ? List.of()
                        : pods.stream()
                                .filter(Pods::isTerminating)
                                .filter(pod -> lost.contains(nodeOf(pod)))
                                .toList();
        List<Pod> ended =
                pods.stream()
                        .filter(pod -> Pods.isFinished(pod) && !Pods.isTerminating(pod))
                        .toList();
        return new PodGarbage(
                ended.size() <= most
                        ? List.of()
                        : ended.stream()
                                .sorted(
                                        Comparator.comparing((Pod pod) ->
                                                        pod.getMetadata().getCreationTimestamp())
                                                .thenComparing(pod -> pod.getMetadata().getName()))
                                .limit(ended.size() - most)
                                .toList(),
                leaving,
                pods.stream()
                        .filter(pod -> Pods.isTerminating(pod) && nodeOf(pod).isEmpty())
                        .filter(pod -> !Pods.isFinished(pod))
                        .toList());
    }

    private static String nodeOf(Pod pod) {
        String node = pod.getSpec().getNodeName();
        return node == null ? "" : node;
    }

    private static boolean isOutOfService(Node node) {
        return node.getSpec() != null
                && node.getSpec().getTaints() != null
                && node.getSpec().getTaints().stream()
                        .anyMatch(taint -> OUT_OF_SERVICE.equals(taint.getKey()));
    }

    private static boolean isReady(Node node) {
        return Stream.ofNullable(node.getStatus())
                .flatMap(status -> status.getConditions().stream())
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }
}
