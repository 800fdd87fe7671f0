package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What is mounted in a container's root besides the root itself, as lines of an fstab. Pure. */
final class ContainerMounts {

    private static final List<String> DEVICES =
            List.of("null", "zero", "full", "random", "urandom", "tty");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    private static final List<String> MASKED_FILES =
            List.of(
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug");
    private static final List<String> MASKED_FOLDERS =
            List.of("/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware");

    private final Path root;
    private final Path sandbox;
    private final Confinement confinement;
    private final Predicate<Path> exists;

    /**
     * Mounts of a container.
     *
     * @param root where its root file system is mounted
     * @param sandbox holds what the pod's containers share: {@code shm}
     * @param exists whether the node has a file
     */
    ContainerMounts(Path root, Path sandbox, Confinement confinement, Predicate<Path> exists) {
        this.root = root;
        this.sandbox = sandbox;
        this.confinement = confinement;
        this.exists = exists;
    }

    /** The kernel's file systems; mounted first. */
    List<String> kernel() {
        List<String> lines = new ArrayList<>();
        lines.add(line("proc", "/proc", "proc", "nosuid,nodev,noexec"));
        if (confinement.privileged()) {
            lines.add(line("/dev", "/dev", "none", "rbind"));
            lines.add(line("/sys", "/sys", "none", "rbind"));
        } else {
            lines.add(line("tmpfs", "/dev", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"));
            // the agent's terminals, which programs look up by name
            lines.add(line("/dev/pts", "/dev/pts", "none", "bind,X-mount.mkdir"));
            lines.add(line("sysfs", "/sys", "sysfs", "ro,nosuid,nodev,noexec"));
        }
        return lines;
    }

    /** Folders of the sandbox whose content comes over that of the root's folders. */
    List<Path> copied() {
        Path etc = sandbox.resolve("etc");
        return confinement.privileged() ? List.of(etc) : List.of(etc, sandbox.resolve("dev"));
    }

    /**
     * Makes what {@link #copied} copies besides {@code etc}: the links that programs expect in
     * /dev, and files that {@link #devices} mounts on.
     */
    static void makeDevices(Path sandbox) throws IOException {
        Path folder = Files.createDirectories(sandbox.resolve("dev"));
        for (String device : DEVICES) {
            Path _ = Files.createFile(folder.resolve(device));
        }
        Map<String, String> links =
                Map.of(
                        "fd", "/proc/self/fd",
                        "stdin", "/proc/self/fd/0",
                        "stdout", "/proc/self/fd/1",
                        "stderr", "/proc/self/fd/2",
                        "ptmx", "pts/ptmx");
        for (Map.Entry<String, String> link : links.entrySet()) {
            Path _ =
                    Files.createSymbolicLink(
                            folder.resolve(link.getKey()), Path.of(link.getValue()));
        }
    }

    /** Devices, shared memory, and what is hidden of the kernel's files. */
    List<String> devices() {
        List<String> lines = new ArrayList<>();
        if (!confinement.privileged()) {
            for (String device : DEVICES) {
                lines.add(line("/dev/" + device, "/dev/" + device, "none", "bind"));
            }
            String shm = escape(sandbox.resolve("shm").toString());
            lines.add(line(shm, "/dev/shm", "none", "bind,X-mount.mkdir"));
            lines.add(line("mqueue", "/dev/mqueue", "mqueue", "nosuid,nodev,noexec,X-mount.mkdir"));
        }
        if (!confinement.privileged() && !confinement.unmaskedProc()) {
            READ_ONLY.stream()
                    .filter(path -> exists.test(Path.of(path)))
                    .forEach(path -> lines.add(line(escape(root + path), path, "none", "bind,ro")));
            MASKED_FILES.stream()
                    .filter(path -> exists.test(Path.of(path)))
                    .forEach(path -> lines.add(line("/dev/null", path, "none", "bind")));
            MASKED_FOLDERS.stream()
                    .filter(path -> exists.test(Path.of(path)))
                    .forEach(path -> lines.add(line("tmpfs", path, "tmpfs", "ro,size=0k")));
        }
        return lines;
    }

    /** Volumes and other files of the node. */
    List<String> volumes(List<ContainerSpec.Mount> mounts) {
        List<String> lines = new ArrayList<>();
        for (ContainerSpec.Mount mount : mounts) {
            String kind = mount.propagation() == ContainerSpec.Propagation.PRIVATE ? "" : "r";
            lines.add(
                    line(
                            escape(mount.source().toString()),
                            mount.target(),
                            "none",
                            kind + "bind" + (mount.readOnly() ? ",ro" : "")));
        }
        if (confinement.readOnlyRoot()) {
            lines.add(line("/", "", "none", "remount,bind,ro"));
        }
        return lines;
    }

    private String line(String source, String target, String type, String options) {
        return source + " " + escape(root + target) + " " + type + " " + options + " 0 0";
    }

    /** As fstab(5) has it. */
    static String escape(String path) {
        return path.replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
    }
}
