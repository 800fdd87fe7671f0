package dev.coracle.controllers.scheduling;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where a pod goes, or why nowhere. */
sealed interface Placement {

    /** The pod goes to {@code node}. */
    record Fits(String node) implements Placement {}

    /** No node takes the pod; {@code reasons} counts the nodes by why. */
    record Unschedulable(int nodes, Map<String, Integer> reasons) implements Placement {

        public Unschedulable {
            reasons = Map.copyOf(reasons);
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
