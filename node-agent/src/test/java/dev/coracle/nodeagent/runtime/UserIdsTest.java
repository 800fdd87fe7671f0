package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserIdsTest {

    @TempDir private Path process;

    @Test
    void refusesNothingOutsideOfUserNamespaces() throws IOException {
        UserIds ids = ids("         0          0 4294967295\n", "allow");

        assertThat(ids.isWhole()).isTrue();
        assertThat(ids.refusal("70000:5", List.of(9L))).isEmpty();
    }

    @Test
    void knowsOneUserOnly() throws IOException {
        UserIds ids = ids("         0       1000          1\n", "deny");

        assertThat(ids.isWhole()).isFalse();
        assertThat(ids.groupsCanBeSet()).isFalse();
        assertThat(ids.refusal("", List.of())).isEmpty();
        assertThat(ids.refusal("0:0", List.of())).isEmpty();
        assertThat(ids.refusal("1000", List.of()))
                .contains("user 1000: the user namespace of this cluster has 0 only");
        assertThat(ids.refusal("0:5", List.of()))
                .contains("group 5: the user namespace of this cluster has 0 only");
        assertThat(ids.refusal("", List.of(0L)))
                .contains("supplementary group 0: the user namespace of this cluster has 0 only");
    }

    @Test
    void knowsRangesOfUsers() throws IOException {
        UserIds ids = ids("0 1000 1\n1 100000 65536\n", "allow");

        assertThat(ids.refusal("65536:65536", List.of(3L))).isEmpty();
        assertThat(ids.refusal("65537", List.of()))
                .contains("user 65537: the user namespace of this cluster has 0, 1 to 65536 only");
    }

    private UserIds ids(String map, String setgroups) throws IOException {
        Files.writeString(process.resolve("uid_map"), map);
        Files.writeString(process.resolve("gid_map"), map);
        Files.writeString(process.resolve("setgroups"), setgroups + "\n");
        return UserIds.read(process);
    }
}
