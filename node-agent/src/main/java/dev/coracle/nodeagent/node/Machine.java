package dev.coracle.nodeagent.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * What this machine is.
 *
 * @param cpus logical processors
 * @param memoryBytes physical memory
 * @param diskBytes of the file system that holds the pods' state
 */
public record Machine(
        String machineId,
        String systemUuid,
        String bootId,
        String kernelVersion,
        String osImage,
        String architecture,
        int cpus,
        long memoryBytes,
        long diskBytes) {

    /** Reads it from the kernel and from /etc. */
    public static Machine read(Path stateFolder) throws IOException {
        String bootId = line(Path.of("/proc/sys/kernel/random/boot_id"), "unknown");
        String hostname = line(Path.of("/proc/sys/kernel/hostname"), "unknown");
        String machineId =
                line(
                        Path.of("/etc/machine-id"),
                        UUID.nameUUIDFromBytes(
                                        hostname.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                                .toString()
                                .replace("-", ""));
        return new Machine(
                machineId,
                line(Path.of("/sys/class/dmi/id/product_uuid"), machineId),
                bootId,
                line(Path.of("/proc/sys/kernel/osrelease"), "unknown"),
                osName(),
                architecture(System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                memory(),
                Files.getFileStore(stateFolder).getTotalSpace());
    }

    static String architecture(String java) {
        return switch (java.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> java;
        };
    }

    private static String line(Path file, String otherwise) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty() || lines.getFirst().isBlank()
                    ? otherwise
                    : lines.getFirst().strip();
        } catch (IOException _) {
            return otherwise;
        }
    }

    private static String osName() {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/os-release"))) {
                if (line.startsWith("PRETTY_NAME=")) {
                    return line.substring(12).replace("\"", "");
                }
            }
        } catch (IOException _) {
            // not every system has one
        }
        return "Linux";
    }

    private static long memory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return Runtime.getRuntime().maxMemory();
    }
}
