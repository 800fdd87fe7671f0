package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.scheduling.NodeFit;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pod a DaemonSet wants on a node, and whether the node takes it. */
final class DaemonPod {

    static final String REVISION = "controller-revision-hash";

    private static final String NODE_NAME = "metadata.name";

    /** Whether a node gets a pod, and whether one that is there may stay. */
    record Verdict(boolean runs, boolean stays) {}

    private DaemonPod() {}

    static Pod of(DaemonSet set, String revision, String node) {
        return new PodBuilder(template(set))
                .editMetadata()
                .withGenerateName(set.getMetadata().getName() + "-")
                .addToLabels(REVISION, revision)
                .endMetadata()
                .editSpec()
                .editOrNewAffinity()
                .editOrNewNodeAffinity()
                .withRequiredDuringSchedulingIgnoredDuringExecution(only(node))
                .endNodeAffinity()
                .endAffinity()
                .endSpec()
                .build();
    }

    /** With the tolerations that let a daemon stay where others must go. */
    static Pod template(DaemonSet set) {
        Pod pod = PodControl.podOf(set, set.getSpec().getTemplate()).build();
        List<Toleration> tolerations =
                new ArrayList<>(
                        pod.getSpec().getTolerations() == null
                                ? List.of()
                                : pod.getSpec().getTolerations());
        tolerate(tolerations, "not-ready", "NoExecute");
        tolerate(tolerations, "unreachable", "NoExecute");
        tolerate(tolerations, "disk-pressure", "NoSchedule");
        tolerate(tolerations, "memory-pressure", "NoSchedule");
        tolerate(tolerations, "pid-pressure", "NoSchedule");
        tolerate(tolerations, "unschedulable", "NoSchedule");
        if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
            tolerate(tolerations, "network-unavailable", "NoSchedule");
        }
        pod.getSpec().setTolerations(tolerations);
        return pod;
    }

    private static void tolerate(List<Toleration> tolerations, String what, String effect) {
        Toleration toleration =
                new TolerationBuilder()
                        .withKey("node.kubernetes.io/" + what)
                        .withOperator("Exists")
                        .withEffect(effect)
                        .build();
        if (!tolerations.contains(toleration)) {
            tolerations.add(toleration);
        }
    }

    private static NodeSelector only(String node) {
        return new NodeSelectorBuilder()
                .addNewNodeSelectorTerm()
                .addNewMatchField()
                .withKey(NODE_NAME)
                .withOperator("In")
                .withValues(node)
                .endMatchField()
                .endNodeSelectorTerm()
                .build();
    }

    /** Whether a pod of the set's template may run on a node, and stay there. */
    static Verdict verdict(Pod pod, Node node) {
        String name = pod.getSpec().getNodeName();
        if (name != null && !name.isEmpty() && !name.equals(node.getMetadata().getName())) {
            return new Verdict(false, false);
        }
        if (!NodeFit.hasWantedLabels(pod, node)) {
            return new Verdict(false, false);
        }
        boolean stays = NodeFit.tolerates(pod, node, List.of("NoExecute"));
        return new Verdict(
                stays && NodeFit.tolerates(pod, node, List.of("NoExecute", "NoSchedule")), stays);
    }

    static String revision(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(REVISION, "");
    }

    /** The node a pod is on, or is pinned to while it is not bound; empty if neither. */
    static Optional<String> node(Pod pod) {
        String bound = pod.getSpec().getNodeName();
        if (bound != null && !bound.isEmpty()) {
            return Optional.of(bound);
        }
        var affinity = pod.getSpec().getAffinity();
        NodeSelector required =
                affinity == null || affinity.getNodeAffinity() == null
                        ? null
                        : affinity.getNodeAffinity()
                                .getRequiredDuringSchedulingIgnoredDuringExecution();
        if (required == null) {
            return Optional.empty();
        }
        return required.getNodeSelectorTerms().stream()
                .map(NodeSelectorTerm::getMatchFields)
                .filter(fields -> fields != null)
                .flatMap(List::stream)
                .filter(field -> NODE_NAME.equals(field.getKey()))
                .map(NodeSelectorRequirement::getValues)
                .filter(values -> values != null && values.size() == 1)
                .map(List::getFirst)
                .findFirst();
    }
}
