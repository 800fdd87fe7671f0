package dev.coracle.nodeagent.stats;

/**
 * Whether the node is short of something, by the kubelet's default thresholds: 100 MiB of memory, a
 * tenth of the disk, a twentieth of the process numbers.
 */
public record Pressure(boolean memory, boolean disk, boolean pids) {

    public static final Pressure NONE = new Pressure(false, false, false);
    static final long LEAST_MEMORY = 100L * 1024 * 1024;

    public static Pressure of(NodeUsage usage) {
        return new Pressure(
                usage.memoryAvailable() < LEAST_MEMORY,
                usage.diskAvailable() < usage.diskTotal() / 10,
                usage.processesMax() - usage.processes() < usage.processesMax() / 20);
    }
}
