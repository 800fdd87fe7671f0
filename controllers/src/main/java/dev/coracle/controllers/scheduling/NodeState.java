package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.List;
import java.util.Map;

/** A node and the pods that are on it or on their way to it. */
record NodeState(Node node, List<Pod> pods) {

    NodeState {
        pods = List.copyOf(pods);
    }

    String name() {
        return node.getMetadata().getName();
    }

    Map<String, String> labels() {
        return node.getMetadata().getLabels() == null ? Map.of() : node.getMetadata().getLabels();
    }

    List<Taint> taints() {
        return node.getSpec() == null || node.getSpec().getTaints() == null
                ? List.of()
                : node.getSpec().getTaints();
    }

    boolean isCordoned() {
        return node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    /** What the node offers to pods. */
    Demand allocatable() {
        return node.getStatus() == null
                ? Demand.NOTHING
                : Demand.of(
                        node.getStatus().getAllocatable() == null
                                ? node.getStatus().getCapacity()
                                : node.getStatus().getAllocatable());
    }

    /** What its pods have asked for. */
    Demand requested() {
        return pods.stream().map(Demand::of).reduce(Demand.NOTHING, Demand::plus);
    }
}
