package dev.coracle.nodeagent.stats;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine's figures at one moment.
 *
 * @param cpuNanos processor time used so far, of all processors
 * @param memoryTotal physical memory
 * @param memoryAvailable what programs could still get
 * @param diskTotal of the file system of the pods' state
 * @param diskAvailable of it, for everybody
 * @param processes threads of the machine, as limits count them
 * @param processesMax how many there may be
 */
public record NodeUsage(
        long cpuNanos,
        long memoryTotal,
        long memoryAvailable,
        long diskTotal,
        long diskAvailable,
        long processes,
        long processesMax) {

    private static final long NANOS_PER_TICK = 10_000_000;

    /** Reads them. */
    public static NodeUsage read(Path stateFolder) throws IOException {
        FileStore store = Files.getFileStore(stateFolder);
        List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
        return new NodeUsage(
                cpu(Files.readAllLines(Path.of("/proc/stat")).getFirst()),
                kib(memory, "MemTotal:"),
                kib(memory, "MemAvailable:"),
                store.getTotalSpace(),
                store.getUsableSpace(),
                threads(Files.readString(Path.of("/proc/loadavg"))),
                Long.parseLong(Files.readString(Path.of("/proc/sys/kernel/pid_max")).strip()));
    }

    /** User, nice, system, irq, softirq and steal; not idle and not waiting. */
    static long cpu(String line) {
        String[] words = line.strip().split("\\s+", -1);
        long ticks = 0;
        for (int i = 1; i < Math.min(words.length, 9); i++) {
            if (i != 4 && i != 5) {
                ticks += Long.parseLong(words[i]);
            }
        }
        return ticks * NANOS_PER_TICK;
    }

    private static long threads(String loadavg) {
        String counts = loadavg.split(" ", -1)[3];
        return Long.parseLong(counts.substring(counts.indexOf('/') + 1));
    }

    private static long kib(List<String> lines, String name) {
        for (String line : lines) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }
}
