package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeMountsTest {

    private static NodeMounts of(String... lines) {
        return NodeMounts.of(List.of(lines));
    }

    private static String line(String path, String type, String source) {
        return "36 35 98:0 / %s rw,noatime master:1 - %s %s rw".formatted(path, type, source);
    }

    @Test
    void showsFileSystemsAndKnowsOfTheOthers() {
        NodeMounts mounts =
                of(
                        line("/", "ext4", "/dev/vda"),
                        line("/home", "ext4", "/dev/vdb"),
                        line("/proc", "proc", "proc"),
                        line("/run/netns", "tmpfs", "tmpfs"),
                        line("/tmp/memory", "tmpfs", "coracle-empty-dir"),
                        line("/var/lib/engine/merged", "overlay", "overlay"));
        assertThat(mounts.shown()).containsExactly("/home");
        assertThat(mounts.points())
                .containsExactly(
                        "/home", "/proc", "/run/netns", "/tmp/memory", "/var/lib/engine/merged");
    }

    @Test
    void readsEscapedPaths() {
        assertThat(of(line("/media/a\\040disk\\134", "vfat", "/dev/sdb1")).shown())
                .containsExactly("/media/a disk\\");
    }
}
