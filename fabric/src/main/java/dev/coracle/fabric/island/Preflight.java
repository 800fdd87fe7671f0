package dev.coracle.fabric.island;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether this host allows the island.
 *
 * @param failures one sentence each; empty means yes
 */
public record Preflight(List<String> failures) {

    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;

    public Preflight {
        failures = List.copyOf(failures);
    }

    public boolean passed() {
        return failures.isEmpty();
    }

    /** Looks at rights, tools and kernel; changes nothing. */
    public static Preflight check() {
        List<String> failures = new ArrayList<>();
        for (String tool : List.of("ip", "unshare", "nsenter", "mount", "chroot")) {
            if (Tool.find(tool).isEmpty()) {
                failures.add(
                        "'"
                                + tool
                                + "' is not installed; on Debian: apt-get install "
                                + (tool.equals("ip") ? "iproute2" : "util-linux coreutils"));
            }
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    failures.addAll(missing(Long.parseUnsignedLong(line.substring(7).strip(), 16)));
                }
            }
            if (!Files.exists(Path.of("/proc/self/ns/net"))) {
                failures.add("this kernel has no network namespaces (/proc/self/ns/net)");
            }
            if (!Files.readString(Path.of("/proc/filesystems")).contains("overlay")) {
                failures.add("this kernel has no overlay file system (/proc/filesystems)");
            }
        } catch (IOException e) {
            failures.add("/proc cannot be read: " + e.getMessage());
        }
        return new Preflight(failures);
    }

    static List<String> missing(long effectiveCapabilities) {
        List<String> missing = new ArrayList<>();
        if ((effectiveCapabilities >> CAP_NET_ADMIN & 1) == 0) {
            missing.add("CAP_NET_ADMIN");
        }
        if ((effectiveCapabilities >> CAP_SYS_ADMIN & 1) == 0) {
            missing.add("CAP_SYS_ADMIN");
        }
        return missing.isEmpty()
                ? List.of()
                : List.of(
                        "network namespaces need root, or "
                                + String.join(" and ", missing)
                                + ", which this process lacks");
    }
}
