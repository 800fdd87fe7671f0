package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A node and the pods that are on it or on their way to it. Immutable. */
final class NodeState {

    private final NodeFacts facts;
    private final List<PlacedPod> pods;
    private final Demand requested;
    private final Demand assumed;
    private final Map<String, Integer> families;
    private final List<HostPort> ports;
    private final boolean opinionated;

    NodeState(NodeFacts facts, Collection<PlacedPod> pods) {
        this.facts = facts;
        this.pods = List.copyOf(pods);
        Demand sum = Demand.NOTHING;
        Demand assumedSum = Demand.NOTHING;
        Map<String, Integer> counts = new HashMap<>();
        List<HostPort> taken = new ArrayList<>(0);
        boolean anyOpinion = false;
        for (PlacedPod each : this.pods) {
            sum = sum.plus(each.demand());
            assumedSum = assumedSum.plus(each.assumed());
            if (each.family() != null) {
                counts.merge(each.family(), 1, Integer::sum);
            }
            taken.addAll(each.ports());
            anyOpinion |= each.opinionated();
        }
        this.requested = sum;
        this.assumed = assumedSum;
        this.families = counts;
        this.ports = taken;
        this.opinionated = anyOpinion;
    }

    static NodeState of(Node node, List<Pod> pods) {
        return new NodeState(NodeFacts.of(node), pods.stream().map(PlacedPod::of).toList());
    }

    /** The same node with other pods. */
    NodeState with(Collection<PlacedPod> others) {
        return new NodeState(facts, others);
    }

    /** The same node with these pods too. */
    NodeState and(List<PlacedPod> more) {
        List<PlacedPod> all = new ArrayList<>(pods);
        all.addAll(more);
        return new NodeState(facts, all);
    }

    String name() {
        return facts.node().getMetadata().getName();
    }

    List<PlacedPod> pods() {
        return pods;
    }

    Map<String, String> labels() {
        return facts.labels();
    }

    List<Taint> taints() {
        return facts.taints();
    }

    boolean isCordoned() {
        var spec = facts.node().getSpec();
        return spec != null && Boolean.TRUE.equals(spec.getUnschedulable());
    }

    /** What the node offers to pods. */
    Demand allocatable() {
        return facts.allocatable();
    }

    /** What its pods have asked for. */
    Demand requested() {
        return requested;
    }

    /** What its pods count as in scores. */
    Demand assumed() {
        return assumed;
    }

    /** The bytes of each image it has, by name. */
    Map<String, Long> images() {
        return facts.images();
    }

    List<HostPort> ports() {
        return ports;
    }

    /** How many of its pods have this controller. */
    int siblings(String family) {
        return families.getOrDefault(family, 0);
    }

    /** Whether one of its pods says anything about other pods. */
    boolean isOpinionated() {
        return opinionated;
    }
}
