package dev.coracle.nodeagent.cgroup;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The group of a container or pod, in every hierarchy. Thread-safe. */
public final class ContainerCgroup {

    private final boolean unified;
    private final Map<String, Path> folders;

    /**
     * A group.
     *
     * @param folders by controller; one for all under the empty name if {@code unified}
     */
    ContainerCgroup(boolean unified, Map<String, Path> folders) {
        this.unified = unified;
        this.folders = Map.copyOf(folders);
    }

    /** The folders whose {@code cgroup.procs} a process has to be written to. */
    public List<Path> folders() {
        return folders.values().stream().distinct().toList();
    }

    /** How many processes the kernel has ended for want of memory. */
    public long outOfMemoryKills() {
        Path memory = folder("memory");
        return memory == null
                ? 0
                : CgroupFiles.field(
                        memory.resolve(unified ? "memory.events" : "memory.oom_control"),
                        "oom_kill");
    }

    public CgroupUsage usage() {
        Path memory = folder("memory");
        Path cpu = folder(unified ? "cpu" : "cpuacct");
        Path pids = folder("pids");
        long used = 0;
        long inactive = 0;
        long rss = 0;
        if (memory != null) {
            Path stat = memory.resolve("memory.stat");
            used =
                    CgroupFiles.number(
                            memory.resolve(unified ? "memory.current" : "memory.usage_in_bytes"));
            inactive = CgroupFiles.field(stat, unified ? "inactive_file" : "total_inactive_file");
            rss = CgroupFiles.field(stat, unified ? "anon" : "total_rss");
        }
        long nanos =
                cpu == null
                        ? 0
                        : unified
                                ? CgroupFiles.field(cpu.resolve("cpu.stat"), "usage_usec") * 1000
                                : CgroupFiles.number(cpu.resolve("cpuacct.usage"));
        return new CgroupUsage(
                nanos,
                used,
                Math.max(0, used - inactive),
                rss,
                pids == null ? 0 : CgroupFiles.number(pids.resolve("pids.current")));
    }

    private @Nullable Path folder(String controller) {
        return unified ? folders.get("") : folders.get(controller);
    }
}
