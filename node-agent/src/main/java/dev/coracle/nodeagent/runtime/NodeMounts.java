package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something is mounted on the node, below its root.
 *
 * @param points absolute paths of all mounts
 * @param shown those of them that a container sees whose root is the node's: file systems with
 *     files, as an overlay over the root does not show them
 */
record NodeMounts(List<String> points, List<String> shown) {

    static final NodeMounts NONE = new NodeMounts(List.of(), List.of());

    private static final List<String> KERNEL_TYPES =
            List.of(
                    "proc",
                    "sysfs",
                    "devtmpfs",
                    "devpts",
                    "cgroup",
                    "cgroup2",
                    "nsfs",
                    "mqueue",
                    "debugfs",
                    "tracefs",
                    "securityfs",
                    "bpf",
                    "pstore",
                    "configfs",
                    "fusectl",
                    "hugetlbfs",
                    "binfmt_misc",
                    "autofs",
                    "overlay");

    /** How the sources of mounts begin that the agent makes on the node. */
    static final String OWN = "coracle-";

    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    /** The mounts of this process. */
    static NodeMounts here() throws IOException {
        return of(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    }

    /**
     * Reads lines of {@code /proc/self/mountinfo}.
     *
     * @see <a href="https://docs.kernel.org/filesystems/proc.html">proc(5), part 3.5</a>
     */
    static NodeMounts of(List<String> mountinfo) {
        List<String> points = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        for (String line : mountinfo) {
            String[] halves = line.split(" - ", 2);
            String path = plain(halves[0].split(" ", 6)[4]);
            String[] system = halves[1].split(" ", 3);
            if (path.equals("/")) {
                continue;
            }
            points.add(path);
            if (!system[1].startsWith(OWN)
                    && !KERNEL_TYPES.contains(system[0])
                    && !isCovered(path)) {
                shown.add(path);
            }
        }
        return new NodeMounts(points, shown);
    }

    private static String plain(String escaped) {
        return OCTAL.matcher(escaped).replaceAll(NodeMounts::character);
    }

    private static String character(MatchResult octal) {
        return Matcher.quoteReplacement(Character.toString(Integer.parseInt(octal.group(1), 8)));
    }

    private static boolean isCovered(String path) {
        for (String folder : List.of("/etc", "/proc", "/sys", "/dev", "/run")) {
            if (path.equals(folder) || path.startsWith(folder + "/")) {
                return true;
            }
        }
        return false;
    }
}
