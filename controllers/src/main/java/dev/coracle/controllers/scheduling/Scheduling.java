package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Filters the nodes a pod may go to and takes the best, as kube-scheduler's default profile does:
 * taints, labels, host ports, resources, volumes, spread and neighbours; {@link Scores} chooses.
 */
final class Scheduling {

    private static final Taint CORDON =
            new Taint("NoSchedule", "node.kubernetes.io/unschedulable", null, null);

    private final PlacedPod pod;
    private final ClusterView view;
    private final List<NodeSelector> volumes;
    private final Neighbours neighbours;
    private final TopologySpread spread;

    /**
     * What one pod asks of the cluster.
     *
     * @param volumes what the nodes that its volumes can be reached from have
     */
    Scheduling(PlacedPod pod, List<NodeSelector> volumes, ClusterView view) {
        this.pod = pod;
        this.view = view;
        this.volumes = volumes;
        this.neighbours = new Neighbours(pod.pod(), view);
        this.spread = new TopologySpread(pod.pod(), view.nodes());
    }

    /** Chooses a node among enough that take the pod. */
    Placement place(Sampling sampling) {
        int count = view.nodes().size();
        int enough = Sampling.enough(count);
        int start = sampling.start(count);
        Map<String, Integer> reasons = new HashMap<>();
        Set<Happening> cures = new HashSet<>();
        List<NodeState> feasible = new ArrayList<>();
        List<NodeState> resolvable = new ArrayList<>();
        int examined = 0;
        while (examined < count && feasible.size() < enough) {
            NodeState node = view.nodes().get((start + examined) % count);
            examined++;
            Refusal refusal = refusal(node);
            if (refusal.isNone()) {
                feasible.add(node);
                continue;
            }
            if (refusal.resolvable()) {
                resolvable.add(node);
            }
            cures.addAll(refusal.cures());
            refusal.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum));
        }
        sampling.examined(examined, count);
        if (feasible.isEmpty()) {
            cures.add(Happening.NODE_CHANGED);
            return new Placement.Unschedulable(count, reasons, resolvable, cures);
        }
        return new Placement.Fits(
                feasible.size() == 1
                        ? feasible.getFirst().name()
                        : new Scores(pod, view, neighbours, spread).best(feasible).name());
    }

    /** Why {@code node} cannot take the pod, also when those come that room is made for there. */
    Refusal refusal(NodeState node) {
        List<PlacedPod> nominated = view.nominatedAgainst(pod, node.name());
        if (!nominated.isEmpty()) {
            Refusal later = refusalAsIs(node.and(nominated));
            if (!later.isNone()) {
                return later;
            }
        }
        return refusalAsIs(node);
    }

    /** The first filter's reasons that apply. */
    private Refusal refusalAsIs(NodeState node) {
        if (node.isCordoned() && !Tolerations.tolerates(pod.pod(), CORDON)) {
            return Refusal.byNode("node(s) were unschedulable");
        }
        for (Taint taint : node.taints()) {
            if (!"PreferNoSchedule".equals(taint.getEffect())
                    && !Tolerations.tolerates(pod.pod(), taint)) {
                return Refusal.byNode(
                        "node(s) had untolerated taint {%s: %s}"
                                .formatted(
                                        taint.getKey(),
                                        taint.getValue() == null ? "" : taint.getValue()));
            }
        }
        if (!NodeAffinityTerms.accept(pod.pod(), node)) {
            return Refusal.byNode("node(s) didn't match Pod's node affinity/selector");
        }
        if (!pod.ports().isEmpty()
                && node.ports().stream()
                        .anyMatch(taken -> pod.ports().stream().anyMatch(taken::clashesWith))) {
            return Refusal.byPods(
                    List.of("node(s) didn't have free ports for the requested pod ports"));
        }
        List<String> shortages = shortages(node);
        if (!shortages.isEmpty()) {
            return Refusal.byPods(shortages);
        }
        for (NodeSelector volume : volumes) {
            if (!NodeAffinityTerms.accept(volume, node)) {
                return Refusal.byNode("node(s) had volume node affinity conflict");
            }
        }
        Optional<String> uneven = spread.objection(node);
        if (uneven.isPresent()) {
            return Refusal.byNeighbours(
                    uneven.get(), !uneven.get().endsWith("(missing required label)"));
        }
        Optional<String> unwanted = neighbours.objection(node);
        if (unwanted.isPresent()) {
            return Refusal.byNeighbours(
                    unwanted.get(), !unwanted.get().endsWith("match pod affinity rules"));
        }
        return Refusal.NONE;
    }

    private List<String> shortages(NodeState node) {
        Demand wanted = pod.demand();
        Demand capacity = node.allocatable();
        Demand used = node.requested();
        boolean plain =
                wanted.pods() <= capacity.pods() - used.pods()
                        && (wanted.cpu() == 0 || wanted.cpu() <= capacity.cpu() - used.cpu())
                        && (wanted.memory() == 0
                                || wanted.memory() <= capacity.memory() - used.memory());
        if (plain && wanted.others().isEmpty()) {
            return List.of();
        }
        List<String> shortages = new ArrayList<>();
        if (wanted.pods() > capacity.pods() - used.pods()) {
            shortages.add("Too many pods");
        }
        if (isShort(wanted.cpu(), capacity.cpu(), used.cpu())) {
            shortages.add("Insufficient cpu");
        }
        if (isShort(wanted.memory(), capacity.memory(), used.memory())) {
            shortages.add("Insufficient memory");
        }
        wanted.others()
                .forEach((name, amount) -> {
                    if (isShort(amount, capacity.other(name), used.other(name))) {
                        shortages.add("Insufficient " + name);
                    }
                });
        return shortages;
    }

    private static boolean isShort(long wanted, long capacity, long used) {
        return wanted > 0 && wanted > capacity - used;
    }
}
