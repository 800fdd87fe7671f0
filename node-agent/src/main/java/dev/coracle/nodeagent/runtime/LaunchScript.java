package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shell script that turns a fresh mount namespace into a container and becomes its program.
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

    /** How the sources of mounts begin that the agent makes on the node. */
    static final String OWN = "coracle-";

    private LaunchScript() {}

    /**
     * The script text.
     *
     * @param root an empty folder to build the root in
     * @param sandbox holds the files that replace those of /etc, in {@code etc}, and what the pod's
     *     containers share
     * @param nodeMounts absolute paths to bind from the node
     */
    static String of(
            HostTools tools, Path root, Path sandbox, List<String> nodeMounts, ContainerSpec asked)
            throws IOException {
        ContainerSpec spec = resolved(asked, new RootPaths(Path.of("/")));
        Path top = root.resolve("root");
        String r = quote(root.toString());
        String t = quote(top.toString());
        String etc = quote(sandbox.resolve("etc").toString());
        ContainerMounts mounts =
                new ContainerMounts(top, sandbox, spec.confinement(), Files::exists);
        List<String> lines = new ArrayList<>();
        String error = quote(spec.confinement().startError().toString());
        lines.add("set -e");
        lines.add(
                "trap 'c=$?; [ -s \"$E\" ] || echo \"failed to set up the container: exit code $c\" >"
                        + " \"$E\"; exit $c' EXIT");
        lines.add("E=" + error);
        lines.addAll(spec.confinement().join());
        lines.add(tools.mount() + " -t tmpfs coracle " + r);
        lines.add(tools.mkdir() + " " + r + "/u " + r + "/w " + r + "/root");
        List<String> first = new ArrayList<>();
        boolean split = !UserIds.here().isWhole();
        if (split) {
            SplitRoot.Steps steps = SplitRoot.of(tools, root, nodeMounts, folders(spec));
            lines.addAll(steps.commands());
            first.addAll(steps.fstab());
        } else {
            first.add(
                    "overlay %s overlay lowerdir=/,upperdir=%s/u,workdir=%s/w 0 0"
                            .formatted(
                                    ContainerMounts.escape(top.toString()),
                                    ContainerMounts.escape(root.toString()),
                                    ContainerMounts.escape(root.toString())));
        }
        first.addAll(mounts.kernel());
        for (String path : nodeMounts) {
            first.add(
                    "%s %s%s none %s 0 0"
                            .formatted(
                                    path,
                                    ContainerMounts.escape(top.toString()),
                                    path,
                                    split ? "rbind" : "bind"));
        }
        mount(tools, lines, r, first);
        lines.add(
                "%s --remove-destination %s/hosts %s/resolv.conf %s/hostname %s/etc/"
                        .formatted(tools.cp(), etc, etc, etc, t));
        lines.addAll(mounts.deviceFiles());
        for (List<String> link : mounts.deviceLinks()) {
            lines.add(tools.ln() + " -s " + link.get(0) + " " + link.get(1));
        }
        mount(tools, lines, r, mounts.devices());
        for (ContainerSpec.Mount mount : spec.mounts()) {
            lines.add(target(tools, t, mount));
        }
        lines.add(tools.mkdir() + " -p " + t + quote(spec.workingDirectory()));
        mount(tools, lines, r, mounts.volumes(spec.mounts()));
        lines.add("cd " + r);
        lines.add(program(tools, t, spec));
        return String.join("\n", lines) + "\n";
    }

    /** The folders that the container's mounts and its program need. */
    private static List<String> folders(ContainerSpec spec) {
        List<String> folders = new ArrayList<>();
        spec.mounts().forEach(mount -> folders.add(parent(mount.target())));
        folders.add(spec.workingDirectory());
        return folders;
    }

    /** The same with paths that have no links in them. */
    private static ContainerSpec resolved(ContainerSpec spec, RootPaths paths) throws IOException {
        List<ContainerSpec.Mount> mounts = new ArrayList<>();
        for (ContainerSpec.Mount mount : spec.mounts()) {
            mounts.add(
                    new ContainerSpec.Mount(
                            mount.source(),
                            paths.resolve(mount.target()),
                            mount.readOnly(),
                            mount.propagation()));
        }
        return spec.at(paths.resolve(spec.workingDirectory()), mounts);
    }

    /** Mounts all lines of an fstab at once. */
    private static void mount(
            HostTools tools, List<String> lines, String folder, List<String> fstab) {
        if (fstab.isEmpty()) {
            return;
        }
        lines.add(
                "while IFS= read -r l; do printf '%s\\n' \"$l\"; done > "
                        + folder
                        + "/fstab <<'FSTAB'");
        lines.addAll(fstab);
        lines.add("FSTAB");
        lines.add(tools.mount() + " -a -T " + folder + "/fstab");
    }

    /** Makes what a volume is mounted on. */
    private static String target(HostTools tools, String top, ContainerSpec.Mount mount) {
        String target = top + quote(mount.target());
        if (Files.isDirectory(mount.source())) {
            return "[ -d " + target + " ] || " + tools.mkdir() + " -p " + target;
        }
        return "[ -e %s ] || { %s -p %s; : > %s; }"
                .formatted(target, tools.mkdir(), top + quote(parent(mount.target())), target);
    }

    /** Becomes the container's program, or says why it cannot. */
    private static String program(HostTools tools, String top, ContainerSpec spec) {
        Confinement confinement = spec.confinement();
        String word = spec.command().getFirst();
        String chroot = tools.chroot() + " " + top + " ";
        StringBuilder lines = new StringBuilder();
        lines.append(chroot)
                .append(tools.shell())
                .append(" -c 'cd \"$1\" && command -v -- \"$2\" > /dev/null' sh ")
                .append(quote(spec.workingDirectory()))
                .append(' ')
                .append(quote(word))
                .append(" || { echo ")
                .append(quote(startFailure(word)))
                .append(" > \"$E\"; exit 127; }\n");
        lines.append("unset OLDPWD PWD\n");
        lines.append("exec ").append(chroot);
        for (String part : confinement.drop(tools.setpriv(), spec.user())) {
            lines.append(part).append(' ');
        }
        lines.append(tools.env()).append(" -C ").append(quote(spec.workingDirectory()));
        for (String part : spec.command()) {
            lines.append(' ').append(quote(part));
        }
        return lines.toString();
    }

    /** As containerd says it. */
    static String startFailure(String program) {
        String why =
                program.contains("/")
                        ? "stat " + program + ": no such file or directory"
                        : "executable file not found in $PATH";
        return "failed to create containerd task: failed to create shim task: OCI runtime create"
                + " failed: runc create failed: unable to start container process: error during"
                + " container init: exec: \""
                + program
                + "\": "
                + why
                + ": unknown";
    }

    /** The mounts of {@code /proc/self/mountinfo} that an overlay over the root does not show. */
    static List<String> nodeMounts(List<String> mountinfo) {
        List<String> paths = new ArrayList<>();
        for (String line : mountinfo) {
            String[] halves = line.split(" - ", 2);
            String path = halves[0].split(" ", 6)[4];
            String type = halves[1].split(" ", 3)[0];
            boolean ours = halves[1].split(" ", 3)[1].startsWith(OWN);
            if (!ours && !KERNEL_TYPES.contains(type) && !isCovered(path)) {
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

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
