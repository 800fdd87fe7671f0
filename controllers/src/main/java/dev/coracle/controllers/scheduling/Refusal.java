package dev.coracle.controllers.scheduling;

import static dev.coracle.controllers.scheduling.Happening.NODE_CHANGED;
import static dev.coracle.controllers.scheduling.Happening.POD_ARRIVED;
import static dev.coracle.controllers.scheduling.Happening.POD_LEFT;

import java.util.List;
import java.util.Set;

/**
 * Why a node cannot take a pod; no reasons if it can.
 *
 * @param resolvable whether fewer pods on the node could help
 * @param cures what could help
 */
record Refusal(List<String> reasons, boolean resolvable, Set<Happening> cures) {

    static final Refusal NONE = new Refusal(List.of(), false, Set.of());

    /** By what only the node itself can change. */
    static Refusal byNode(String reason) {
        return new Refusal(List.of(reason), false, Set.of(NODE_CHANGED));
    }

    /** By pods that are in the way. */
    static Refusal byPods(List<String> reasons) {
        return new Refusal(reasons, true, Set.of(NODE_CHANGED, POD_LEFT));
    }

    /** By pods that are missing elsewhere, or too many here. */
    static Refusal byNeighbours(String reason, boolean resolvable) {
        return new Refusal(
                List.of(reason), resolvable, Set.of(NODE_CHANGED, POD_LEFT, POD_ARRIVED));
    }

    boolean isNone() {
        return reasons.isEmpty();
    }
}
