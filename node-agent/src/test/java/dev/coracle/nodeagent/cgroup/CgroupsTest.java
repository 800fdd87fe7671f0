package dev.coracle.nodeagent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On folders that look like the kernel's. */
class CgroupsTest {

    @TempDir Path folder;

    @Test
    void limitsByTheHierarchiesOfVersionOne() throws Exception {
        for (String controller : List.of("cpu", "cpuacct", "memory", "pids")) {
            Files.createDirectories(folder.resolve(controller));
        }
        Cgroups cgroups =
                Cgroups.find(
                        List.of(
                                mount("cpu", "rw,cpu"), mount("memory", "rw,memory"),
                                mount("cpuacct", "rw,cpuacct"), mount("pids", "rw,pids")),
                        List.of("1:cpu:/", "4:memory:/no/such/group"),
                        "nodes",
                        100);
        assertThat(cgroups.missing()).isEmpty();
        ContainerCgroup group = cgroups.container("1", "app", new CgroupLimits(250, 250, 64 << 20));
        assertThat(folder.resolve("cpu/nodes/pod1/app/cpu.cfs_quota_us")).hasContent("25000");
        assertThat(folder.resolve("cpu/nodes/pod1/app/cpu.shares")).hasContent("256");
        assertThat(folder.resolve("memory/nodes/pod1/app/memory.limit_in_bytes"))
                .hasContent("67108864");
        assertThat(folder.resolve("pids/nodes/pod1/pids.max")).hasContent("100");
        assertThat(group.folders()).hasSize(4);
        Files.writeString(
                folder.resolve("memory/nodes/pod1/app/memory.oom_control"),
                "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        assertThat(group.outOfMemoryKills()).isEqualTo(2);
    }

    @Test
    void limitsByVersionTwo() throws Exception {
        Files.writeString(folder.resolve("cgroup.subtree_control"), "cpuset cpu memory pids");
        Cgroups cgroups =
                Cgroups.find(
                        List.of("31 23 0:27 / " + folder + " rw - cgroup2 cgroup2 rw"),
                        List.of("0::/"),
                        "nodes",
                        0);
        ContainerCgroup group =
                cgroups.container("1", "app", new CgroupLimits(1500, 100, 64 << 20));
        Path own = folder.resolve("nodes/pod1/app");
        assertThat(own.resolve("cpu.max")).hasContent("150000 100000");
        assertThat(own.resolve("cpu.weight")).hasContent("4");
        assertThat(own.resolve("memory.max")).hasContent("67108864");
        Files.writeString(own.resolve("cpu.stat"), "usage_usec 1500\n");
        Files.writeString(own.resolve("memory.current"), "5000\n");
        Files.writeString(own.resolve("memory.stat"), "anon 3000\ninactive_file 1000\n");
        assertThat(group.usage()).isEqualTo(new CgroupUsage(1_500_000, 5000, 4000, 3000, 0));
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(Cgroups.find(List.of(), List.of(), "nodes", 0).missing())
                .contains("this host has no control groups for cpu, cpuacct, memory, pids");
    }

    private String mount(String controller, String options) {
        return "30 23 0:26 / %s rw - cgroup cgroup %s"
                .formatted(folder.resolve(controller), options);
    }
}
