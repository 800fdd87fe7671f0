package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shell script that turns a fresh mount namespace into a container and becomes its program.
 * Pure.
 *
 * <p>The root is an overlay over the node's file system with its changes in a tmpfs, so a container
 * sees the node's programs and leaves no trace; other file systems of the node are bound into it.
 */
final class LaunchScript {

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

    private LaunchScript() {}

    /**
     * The script text.
     *
     * @param root an empty folder to build the root in
     * @param etc holds the files that replace those of /etc
     * @param nodeMounts absolute paths to bind from the node
     */
    static String of(
            HostTools tools, Path root, Path etc, List<String> nodeMounts, ContainerSpec spec) {
        String r = quote(root.toString());
        List<String> lines = new ArrayList<>();
        lines.add("set -e");
        lines.add(tools.mount() + " -t tmpfs coracle " + r);
        lines.add(tools.mkdir() + " " + r + "/u " + r + "/w " + r + "/root");
        lines.add(
                "%s -t overlay overlay -o lowerdir=/,upperdir=%s/u,workdir=%s/w %s/root"
                        .formatted(tools.mount(), r, r, r));
        lines.add(tools.mount() + " -t proc proc " + r + "/root/proc");
        for (String path : List.of("/dev", "/sys")) {
            lines.add(tools.mount() + " --rbind " + path + " " + r + "/root" + path);
        }
        for (String path : nodeMounts) {
            lines.add(tools.mount() + " --bind " + quote(path) + " " + r + "/root" + quote(path));
        }
        lines.add(
                "%s --remove-destination %s/hosts %s/resolv.conf %s/hostname %s/root/etc/"
                        .formatted(
                                tools.cp(),
                                quote(etc.toString()),
                                quote(etc.toString()),
                                quote(etc.toString()),
                                r));
        for (ContainerSpec.Mount mount : spec.mounts()) {
            String source = quote(mount.source().toString());
            String target = r + "/root" + quote(mount.target());
            String parent = r + "/root" + quote(parent(mount.target()));
            lines.add(
                    "if [ -d %s ]; then %s -p %s; else %s -p %s; [ -e %s ] || : > %s; fi"
                            .formatted(
                                    source,
                                    tools.mkdir(),
                                    target,
                                    tools.mkdir(),
                                    parent,
                                    target,
                                    target));
            lines.add(
                    "%s --bind%s %s %s"
                            .formatted(
                                    tools.mount(),
                                    mount.readOnly() ? " -o ro" : "",
                                    source,
                                    target));
        }
        lines.add(tools.mkdir() + " -p " + r + "/root" + quote(spec.workingDirectory()));
        StringBuilder exec = new StringBuilder("exec ").append(tools.chroot());
        if (!spec.user().isEmpty()) {
            exec.append(" --userspec=").append(userAndGroup(spec.user()));
        }
        exec.append(' ').append(r).append("/root ").append(tools.env());
        exec.append(" -C ").append(quote(spec.workingDirectory()));
        for (String word : spec.command()) {
            exec.append(' ').append(quote(word));
        }
        lines.add(exec.toString());
        return String.join("\n", lines) + "\n";
    }

    /** The mounts of {@code /proc/self/mountinfo} that an overlay over the root does not show. */
    static List<String> nodeMounts(List<String> mountinfo) {
        List<String> paths = new ArrayList<>();
        for (String line : mountinfo) {
            String[] halves = line.split(" - ", 2);
            String path = halves[0].split(" ", 6)[4];
            String type = halves[1].split(" ", 2)[0];
            if (!KERNEL_TYPES.contains(type) && !isCovered(path)) {
                paths.add(path);
            }
        }
        return paths;
    }

    private static boolean isCovered(String path) {
        if (path.equals("/") || path.contains("\\") || path.startsWith("/etc/")) {
            return true;
        }
        for (String folder : List.of("/proc", "/sys", "/dev", "/run")) {
            if (path.equals(folder) || path.startsWith(folder + "/")) {
                return true;
            }
        }
        return false;
    }

    private static String userAndGroup(String user) {
        return user.contains(":") ? user : user + ":" + user;
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
