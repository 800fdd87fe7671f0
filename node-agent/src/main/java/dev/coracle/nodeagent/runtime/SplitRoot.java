package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A container's copy of the node's file system in a user namespace: one overlay for each folder.
 *
 * <p>There the kernel does not let a folder be the lower layer of an overlay if something that the
 * namespace inherited is mounted below it, as it is below the root. Files of users that the
 * namespace does not have cannot be changed; the folders of the first level are the container's
 * own, and those of {@code /var}, so that files can be added to them.
 */
final class SplitRoot {

    private static final Set<String> EMPTY = Set.of("/proc", "/sys", "/dev", "/run");
    private static final String OPEN = "/var";

    private final NodeMounts node;
    private final List<String> folders = new ArrayList<>();
    private final List<String> modes = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final List<String> fstab = new ArrayList<>();
    private final String base;

    private SplitRoot(String base, NodeMounts node) {
        this.base = base;
        this.node = node;
    }

    /**
     * What to do before the root is used.
     *
     * @param commands shell lines, to be run before the mounts
     * @param fstab mounts
     */
    record Steps(List<String> commands, List<String> fstab) {}

    /**
     * The steps for a root in {@code root} of {@code folder}, changes in {@code u}.
     *
     * @param node what is mounted where
     * @param wanted absolute folders that must be there
     */
    static Steps of(HostTools tools, Path folder, NodeMounts node, List<String> wanted)
            throws IOException {
        SplitRoot split = new SplitRoot(folder.toString(), node);
        split.children(Path.of("/"));
        for (String path : wanted) {
            split.folders.add(split.base + "/u" + path);
        }
        List<String> commands = new ArrayList<>();
        commands.add(command(tools.mkdir() + " -p", split.folders));
        commands.addAll(split.modes);
        commands.addAll(split.links);
        return new Steps(commands, split.fstab);
    }

    /** Those of {@code paths} that this user gets to; a root has no place for the others. */
    static List<String> reached(List<String> paths) {
        return paths.stream().filter(path -> isReached(Path.of(path))).toList();
    }

    private static boolean isReached(Path mount) {
        for (Path above = mount.getParent(); above != null; above = above.getParent()) {
            if (!isOpen(above)) {
                return false;
            }
        }
        return Files.exists(mount);
    }

    private void children(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                child(entry);
            }
        }
    }

    private void child(Path entry) throws IOException {
        try {
            if (Files.isSymbolicLink(entry)) {
                links.add(
                        "ln -s "
                                + LaunchScript.quote(Files.readSymbolicLink(entry).toString())
                                + " "
                                + LaunchScript.quote(base + "/root" + entry));
            } else if (Files.isDirectory(entry)) {
                folder(entry);
            } else if (Files.isRegularFile(entry)) {
                links.add(": > " + LaunchScript.quote(base + "/root" + entry));
                fstab.add(
                        "%s %s none bind 0 0"
                                .formatted(escape(entry.toString()), at("root", entry)));
            }
        } catch (NoSuchFileException _) {
            // gone since it was listed
        }
    }

    private void folder(Path folder) throws IOException {
        String path = folder.toString();
        folders.add(base + "/root" + path);
        if (EMPTY.contains(path) || node.shown().contains(path) || !isOpen(folder)) {
            return;
        }
        if (node.points().stream().anyMatch(mount -> mount.startsWith(path + "/"))) {
            children(folder);
            return;
        }
        folders.add(base + "/u" + path);
        folders.add(base + "/w" + path);
        mode(folder);
        if (path.equals(OPEN)) {
            try (Stream<Path> below = Files.list(folder)) {
                for (Path each : below.filter(SplitRoot::isOpen).toList()) {
                    folders.add(base + "/u" + each);
                    mode(each);
                }
            }
        }
        fstab.add(
                "overlay %s overlay lowerdir=%s,upperdir=%s,workdir=%s,userxattr 0 0"
                        .formatted(
                                at("root", folder),
                                escape(path),
                                at("u", folder),
                                at("w", folder)));
    }

    private void mode(Path folder) throws IOException {
        int mode = (int) Files.getAttribute(folder, "unix:mode") & 07777;
        if (mode != 0755) {
            modes.add(
                    "chmod %o %s".formatted(mode | 0700, LaunchScript.quote(base + "/u" + folder)));
        }
    }

    /** Whether it is a folder that this user can look into. */
    private static boolean isOpen(Path folder) {
        return Files.isDirectory(folder, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                && Files.isReadable(folder)
                && Files.isExecutable(folder);
    }

    private String at(String part, Path path) {
        return escape(base + "/" + part + path);
    }

    private static String escape(String path) {
        return ContainerMounts.escape(path);
    }

    private static String command(String program, List<String> paths) {
        StringBuilder line = new StringBuilder(program);
        paths.forEach(path -> line.append(' ').append(LaunchScript.quote(path)));
        return line.toString();
    }
}
