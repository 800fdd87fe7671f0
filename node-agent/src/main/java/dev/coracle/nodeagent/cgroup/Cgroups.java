package dev.coracle.nodeagent.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The control groups of one node's pods. Thread-safe. */
public final class Cgroups implements AutoCloseable {

    private static final List<String> V1 = List.of("cpu", "cpuacct", "memory", "pids");
    private static final long PERIOD_MICROS = 100_000;

    private final boolean unified;
    private final Map<String, Path> roots;
    private final long podPids;
    private final String missing;

    private Cgroups(boolean unified, Map<String, Path> roots, long podPids, String missing) {
        this.unified = unified;
        this.roots = Map.copyOf(roots);
        this.podPids = podPids;
        this.missing = missing;
    }

    /**
     * Finds what this host offers; what an earlier agent of the node left is removed.
     *
     * @param name of the node's own group
     * @param podPids how many processes a pod may have; 0 is no limit
     */
    public static Cgroups find(String name, long podPids) {
        try {
            return find(
                    Files.readAllLines(Path.of("/proc/self/mountinfo")),
                    Files.readAllLines(Path.of("/proc/self/cgroup")),
                    name,
                    podPids);
        } catch (IOException e) {
            return new Cgroups(false, Map.of(), podPids, "no control groups: " + e.getMessage());
        }
    }

    /** No limits, for a reason. */
    public static Cgroups none(String why) {
        return new Cgroups(false, Map.of(), 0, why);
    }

    static Cgroups find(List<String> mountinfo, List<String> self, String name, long podPids) {
        Map<String, Path> mounts = new LinkedHashMap<>();
        Path v2 = null;
        for (String line : mountinfo) {
            String[] halves = line.split(" - ", 2);
            String[] tail = halves[1].split(" ", 3);
            Path where = Path.of(halves[0].split(" ", 6)[4]);
            if (tail[0].equals("cgroup2")) {
                v2 = where;
            } else if (tail[0].equals("cgroup")) {
                for (String option : tail[2].split(",", -1)) {
                    if (V1.contains(option)) {
                        mounts.put(option, where);
                    }
                }
            }
        }
        List<String> problems = new ArrayList<>();
        if (mounts.isEmpty() && v2 != null) {
            Path root = v2.resolve(name);
            try {
                enable(v2);
                fresh(root);
                enable(root);
                return new Cgroups(true, Map.of("", root), podPids, "");
            } catch (IOException e) {
                return none("control groups cannot be used: " + e.getMessage());
            }
        }
        Map<String, Path> roots = new LinkedHashMap<>();
        for (Map.Entry<String, Path> mount : mounts.entrySet()) {
            String own = ownPath(self, mount.getKey());
            Path below = mount.getValue().resolve(own.substring(1));
            Path root = (Files.isDirectory(below) ? below : mount.getValue()).resolve(name);
            try {
                fresh(root);
                roots.put(mount.getKey(), root);
            } catch (IOException e) {
                problems.add(mount.getKey() + " (" + e.getMessage() + ")");
            }
        }
        V1.stream().filter(c -> !mounts.containsKey(c)).forEach(problems::add);
        return new Cgroups(
                false,
                roots,
                podPids,
                problems.isEmpty()
                        ? ""
                        : "this host has no control groups for " + String.join(", ", problems));
    }

    /** Why some limits have no effect; empty if all have. */
    public Optional<String> missing() {
        return missing.isEmpty() ? Optional.empty() : Optional.of(missing);
    }

    /** Makes the group of a pod; one that is there stays. */
    public ContainerCgroup pod(String uid) throws IOException {
        Map<String, Path> folders = new LinkedHashMap<>();
        for (Map.Entry<String, Path> root : roots.entrySet()) {
            Path folder = root.getValue().resolve("pod" + uid);
            Files.createDirectories(folder);
            if (unified) {
                enable(folder);
            }
            folders.put(root.getKey(), folder);
        }
        Path pids = unified ? folders.get("") : folders.get("pids");
        if (podPids > 0 && pids != null) {
            CgroupFiles.write(pids.resolve("pids.max"), Long.toString(podPids));
        }
        return new ContainerCgroup(unified, folders);
    }

    /** Makes the group of one container of a pod, anew if it is there and empty. */
    public ContainerCgroup container(String uid, String name, CgroupLimits limits)
            throws IOException {
        ContainerCgroup _ = pod(uid);
        Map<String, Path> folders = new LinkedHashMap<>();
        for (Map.Entry<String, Path> root : roots.entrySet()) {
            Path folder = root.getValue().resolve("pod" + uid).resolve(name);
            CgroupFiles.remove(folder);
            Files.createDirectories(folder);
            folders.put(root.getKey(), folder);
        }
        limit(folders, limits);
        return new ContainerCgroup(unified, folders);
    }

    /** The groups that a container which runs already is in. */
    public ContainerCgroup present(String uid, String name) {
        Map<String, Path> folders = new LinkedHashMap<>();
        for (Map.Entry<String, Path> root : roots.entrySet()) {
            Path folder = root.getValue().resolve("pod" + uid).resolve(name);
            if (Files.isDirectory(folder)) {
                folders.put(root.getKey(), folder);
            }
        }
        return new ContainerCgroup(unified, folders);
    }

    /** Removes a pod's groups. */
    public void remove(String uid) {
        roots.values().forEach(root -> CgroupFiles.remove(root.resolve("pod" + uid)));
    }

    /** Removes all groups that no process is in. */
    @Override
    public void close() {
        roots.values().forEach(CgroupFiles::remove);
    }

    private void limit(Map<String, Path> folders, CgroupLimits limits) throws IOException {
        Path cpu = unified ? folders.get("") : folders.get("cpu");
        Path memory = unified ? folders.get("") : folders.get("memory");
        long quota = Math.max(1000, limits.cpuMillis() * PERIOD_MICROS / 1000);
        if (cpu != null && unified) {
            CgroupFiles.write(cpu.resolve("cpu.weight"), Long.toString(limits.weight()));
            if (limits.cpuMillis() > 0) {
                CgroupFiles.write(cpu.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            }
        } else if (cpu != null) {
            CgroupFiles.write(cpu.resolve("cpu.shares"), Long.toString(limits.shares()));
            if (limits.cpuMillis() > 0) {
                CgroupFiles.write(cpu.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
                CgroupFiles.write(cpu.resolve("cpu.cfs_quota_us"), Long.toString(quota));
            }
        }
        if (memory != null && limits.memoryBytes() > 0) {
            String bytes = Long.toString(limits.memoryBytes());
            if (unified) {
                CgroupFiles.write(memory.resolve("memory.max"), bytes);
                CgroupFiles.writeIfPresent(memory.resolve("memory.swap.max"), "0");
                CgroupFiles.writeIfPresent(memory.resolve("memory.oom.group"), "1");
            } else {
                CgroupFiles.write(memory.resolve("memory.limit_in_bytes"), bytes);
                CgroupFiles.writeIfPresent(memory.resolve("memory.memsw.limit_in_bytes"), bytes);
            }
        }
    }

    private static void fresh(Path root) throws IOException {
        CgroupFiles.remove(root);
        Files.createDirectories(root);
        if (!Files.isWritable(root)) {
            // a cluster of root's has it beside this one
            throw new IOException(root + " is another user's");
        }
    }

    /** Lets the groups in a folder of version 2 be limited. */
    private static void enable(Path folder) throws IOException {
        String wanted = "+cpu +memory +pids";
        Path file = folder.resolve("cgroup.subtree_control");
        String enabled = Files.exists(file) ? Files.readString(file) : "";
        if (!enabled.contains("cpu") || !enabled.contains("memory") || !enabled.contains("pids")) {
            CgroupFiles.write(file, wanted);
        }
    }

    private static String ownPath(List<String> self, String controller) {
        for (String line : self) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
                return parts[2];
            }
        }
        return "/";
    }
}
