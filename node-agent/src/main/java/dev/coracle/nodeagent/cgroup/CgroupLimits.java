package dev.coracle.nodeagent.cgroup;

/**
 * What a container may use; 0 is no limit.
 *
 * @param cpuMillis thousandths of a processor
 * @param requestMillis its share when processors are scarce, in thousandths of one
 * @param memoryBytes all memory
 */
public record CgroupLimits(long cpuMillis, long requestMillis, long memoryBytes) {

    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;

    /** {@code cpu.shares} of version 1. */
    long shares() {
        return Math.clamp(requestMillis * 1024 / 1000, LEAST_SHARES, MOST_SHARES);
    }

    /** {@code cpu.weight} of version 2 for the same. */
    long weight() {
        return 1 + (shares() - LEAST_SHARES) * 9999 / (MOST_SHARES - LEAST_SHARES);
    }
}
