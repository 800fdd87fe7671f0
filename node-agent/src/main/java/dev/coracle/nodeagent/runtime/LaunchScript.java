package dev.coracle.nodeagent.runtime;

import dev.coracle.nodeagent.image.RootPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shell script that turns a fresh mount namespace into a container and becomes its program.
 *
 * <p>The root is an overlay over the node's file system with its changes in a tmpfs, so a container
 * sees the node's programs and leaves no trace; other file systems of the node are bound into it.
 */
final class LaunchScript {

    private LaunchScript() {}

    /**
     * The script text.
     *
     * @param from what the container begins with
     * @param root an empty folder to build the root in
     * @param sandbox holds the files that replace those of /etc, in {@code etc}, and what the pod's
     *     containers share
     * @param node the node's mounts; only looked at for a root that is the node's
     */
    static String of(
            HostTools tools,
            ContainerRoot from,
            Path root,
            Path sandbox,
            NodeMounts node,
            ContainerSpec asked)
            throws IOException {
        ContainerSpec spec = resolved(asked, new RootPaths(from.lower()));
        Path top = root.resolve("root");
        String r = quote(root.toString());
        String t = quote(top.toString());
        ContainerMounts mounts =
                new ContainerMounts(top, sandbox, spec.confinement(), Files::exists);
        List<String> lines = new ArrayList<>();
        String error = quote(spec.confinement().startError().toString());
        lines.add("set -e");
        String said = r + "/err";
        lines.add(
                "e() { [ ! -f %s ] || while read -r l; do printf ': %%s' \"$l\"; done < %s; }"
                        .formatted(said, said));
        lines.add(
                "trap 'c=$?; [ \"$M\" ] || echo \"failed to set up the container: exit code $c$(e)\""
                        + " >&9; exit $c' EXIT");
        // what is mounted below hides the file
        lines.add("exec 9>>" + error);
        lines.add("M=");
        lines.addAll(spec.confinement().join());
        lines.add(tools.mount() + " -t tmpfs coracle " + r);
        lines.add("exec 8>&2 2>" + said);
        lines.add(tools.mkdir() + " " + r + "/u " + r + "/w " + r + "/root");
        List<String> first = new ArrayList<>();
        boolean split = from.isNodes() && !UserIds.here().isWhole();
        if (split) {
            // what is pivoted to has to be a mount
            lines.add("%s --bind %s/root %s/root".formatted(tools.mount(), r, r));
            SplitRoot.Steps steps = SplitRoot.of(tools, root, node, folders(spec));
            lines.addAll(steps.commands());
            mountWhatIsLeft(tools, lines, r, steps.fstab());
            lines.add("[ -x " + t + quote(tools.umount()) + " ]");
        } else if (from.isNodes()) {
            first.add(
                    "overlay %s overlay lowerdir=/,upperdir=%s/u,workdir=%s/w 0 0"
                            .formatted(
                                    ContainerMounts.escape(top.toString()),
                                    ContainerMounts.escape(root.toString()),
                                    ContainerMounts.escape(root.toString())));
        } else {
            lines.addAll(imageRoot(tools, from, r));
        }
        first.addAll(mounts.kernel());
        mount(tools, lines, r, first);
        if (split) {
            mountWhatIsLeft(tools, lines, r, binds(SplitRoot.reached(node.shown()), top, "rbind"));
        } else {
            mountWhatIsLeft(tools, lines, r, binds(node.shown(), top, "bind"));
        }
        lines.add(
                "%s -dR --remove-destination %s %s/"
                        .formatted(
                                tools.cp(),
                                mounts.copied().stream()
                                        .map(folder -> quote(folder.toString()))
                                        .collect(Collectors.joining(" ")),
                                t));
        mount(tools, lines, r, mounts.devices());
        lines.addAll(targets(tools, t, spec));
        mount(tools, lines, r, mounts.volumes(spec.mounts()));
        lines.add("cd " + t);
        lines.add(program(tools, from, spec));
        return String.join("\n", lines) + "\n";
    }

    /** Mounts an image's root on {@code root} in the folder, or copies it there. */
    private static List<String> imageRoot(HostTools tools, ContainerRoot from, String folder) {
        String lower = quote(from.lower().toString());
        String mount =
                "%s -t overlay -o lowerdir=%s,upperdir=%s/u,workdir=%s/w overlay %s/root"
                        .formatted(tools.mount(), lower, folder, folder, folder);
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s 2>/dev/null || { %s --bind %s/root %s/root; %s -a %s/. %s/root/; }"
                        .formatted(
                                mount, tools.mount(), folder, folder, tools.cp(), lower, folder));
        StringBuilder folders = new StringBuilder(tools.mkdir()).append(" -p");
        from.mountPoints().forEach(p -> folders.append(' ').append(folder + "/root/" + p));
        lines.add(folders.toString());
        lines.add(
                "%s -o bind,ro %s %s/root%s"
                        .formatted(
                                tools.mount(), quote(from.tools()), folder, ContainerRoot.TOOLS));
        return lines;
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
        mount(tools, lines, folder, fstab, "");
    }

    /** The same for what somebody else may take away meanwhile: that is left out. */
    private static void mountWhatIsLeft(
            HostTools tools, List<String> lines, String folder, List<String> fstab) {
        mount(tools, lines, folder, fstab, " || true");
    }

    private static void mount(
            HostTools tools,
            List<String> lines,
            String folder,
            List<String> fstab,
            String otherwise) {
        if (fstab.isEmpty()) {
            return;
        }
        lines.add(
                "while IFS= read -r l; do printf '%s\\n' \"$l\"; done > "
                        + folder
                        + "/fstab <<'FSTAB'");
        lines.addAll(fstab);
        lines.add("FSTAB");
        lines.add(tools.mount() + " -a -T " + folder + "/fstab" + otherwise);
    }

    /** The node's mounts in the root {@code top}. */
    private static List<String> binds(List<String> paths, Path top, String how) {
        return paths.stream()
                .map(path ->
                        "%s %s none %s 0 0"
                                .formatted(
                                        ContainerMounts.escape(path),
                                        ContainerMounts.escape(top + path),
                                        how))
                .toList();
    }

    /** Makes what volumes are mounted on, and the working directory. */
    private static List<String> targets(HostTools tools, String top, ContainerSpec spec) {
        List<String> lines = new ArrayList<>();
        StringBuilder folders = new StringBuilder(tools.mkdir()).append(" -p");
        folders.append(' ').append(top).append(quote(spec.workingDirectory()));
        for (ContainerSpec.Mount mount : spec.mounts()) {
            boolean folder = Files.isDirectory(mount.source());
            String made = folder ? mount.target() : parent(mount.target());
            folders.append(' ').append(top).append(quote(made));
            if (!folder) {
                String target = top + quote(mount.target());
                lines.add("[ -e %s ] || : > %s".formatted(target, target));
            }
        }
        lines.addFirst(folders.toString());
        return lines;
    }

    /** Leaves the node's file system for the one it stands in and becomes the program. */
    private static String program(HostTools tools, ContainerRoot root, ContainerSpec spec) {
        String word = spec.command().getFirst();
        List<String> lines = new ArrayList<>();
        lines.add(tools.pivotRoot() + " . .");
        // its own root is the new one now
        lines.add(String.join(" ", root.tool(tools.umount())) + " -l .");
        lines.add("cd " + quote(spec.workingDirectory()));
        lines.add(
                "command -v -- %s > /dev/null || { echo %s >&9; M=1; exit 127; }"
                        .formatted(quote(word), quote(startFailure(word))));
        lines.add("unset OLDPWD PWD");
        StringBuilder last = new StringBuilder("exec");
        for (String part : spec.confinement().drop(root.tool(tools.setpriv()), spec.user())) {
            last.append(' ').append(part);
        }
        for (String part : spec.command()) {
            last.append(' ').append(quote(part));
        }
        lines.add(last.append(" 2>&8 8>&- 9>&-").toString());
        return String.join("\n", lines);
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

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
