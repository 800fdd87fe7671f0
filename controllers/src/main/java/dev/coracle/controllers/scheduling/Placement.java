package dev.coracle.controllers.scheduling;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where a pod goes, or why nowhere. */
sealed interface Placement {

    /** The pod goes to {@code node}. */
    record Fits(String node) implements Placement {}

    /**
     * No node takes the pod.
     *
     * @param reasons counts the nodes by why
     * @param resolvable the nodes on which fewer pods could help
     * @param cures what could help
     */
    record Unschedulable(
            int nodes,
            Map<String, Integer> reasons,
            List<NodeState> resolvable,
            Set<Happening> cures)
            implements Placement {

        public Unschedulable {
            reasons = Map.copyOf(reasons);
            resolvable = List.copyOf(resolvable);
            cures = Set.copyOf(cures);
        }

        Set<String> resolvableNames() {
            return resolvable.stream().map(NodeState::name).collect(Collectors.toSet());
        }

        /** With what preemption could not do either. */
        String messageAfterPreemption(boolean mayPreempt) {
            if (nodes == 0) {
                return message();
            }
            if (!mayPreempt) {
                return message() + " preemption: not eligible due to preemptionPolicy=Never.";
            }
            Map<String, Integer> useless = new TreeMap<>();
            if (!resolvable.isEmpty()) {
                useless.put("No preemption victims found for incoming pod", resolvable.size());
            }
            if (resolvable.size() < nodes) {
                useless.put("Preemption is not helpful for scheduling", nodes - resolvable.size());
            }
            return message()
                    + " preemption: "
                    + new Unschedulable(nodes, useless, resolvable, cures).message();
        }

        /** As kube-scheduler words it. */
        String message() {
            if (nodes == 0) {
                return "no nodes available to schedule pods";
            }
            return new TreeMap<>(reasons)
                    .entrySet().stream()
                            .map(reason -> reason.getValue() + " " + reason.getKey())
                            .collect(
                                    Collectors.joining(
                                            ", ", "0/" + nodes + " nodes are available: ", "."));
        }
    }
}
