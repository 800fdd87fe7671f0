package dev.coracle.nodeagent.cgroup;

/**
 * What the processes of a group use.
 *
 * @param cpuNanos processor time so far
 * @param memoryBytes all memory that is charged to them, with files in the cache
 * @param workingSetBytes without what could be dropped
 * @param rssBytes anonymous memory
 * @param processes how many there are
 */
public record CgroupUsage(
        long cpuNanos, long memoryBytes, long workingSetBytes, long rssBytes, long processes) {

    /** Of both together. */
    public CgroupUsage plus(CgroupUsage other) {
        return new CgroupUsage(
                cpuNanos + other.cpuNanos,
                memoryBytes + other.memoryBytes,
                workingSetBytes + other.workingSetBytes,
                rssBytes + other.rssBytes,
                processes + other.processes);
    }

    public static final CgroupUsage NONE = new CgroupUsage(0, 0, 0, 0, 0);
}
