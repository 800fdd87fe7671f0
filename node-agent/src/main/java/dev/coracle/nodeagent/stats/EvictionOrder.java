package dev.coracle.nodeagent.stats;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which pod goes first when the node is short of memory or disk. Pure. */
final class EvictionOrder {

    private EvictionOrder() {}

    /**
     * A pod that could go.
     *
     * @param priority of its class
     * @param used of what the node is short of, in bytes
     * @param requested of it
     */
    record Candidate(String uid, int priority, long used, long requested) {
        boolean exceeds() {
            return used > requested;
        }
    }

    /** Those above their request first, then low priority, then those furthest above it. */
    static Optional<Candidate> first(List<Candidate> candidates) {
        return candidates.stream()
                .min(
                        Comparator.comparingInt((Candidate c) -> c.exceeds() ? 0 : 1)
                                .thenComparingInt(Candidate::priority)
                                .thenComparingLong(c -> c.requested() - c.used()));
    }
}
