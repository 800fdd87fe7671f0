package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Containers that cannot do their work say why, and end. */
@Tag("docker")
@Order(3)
@ResourceLock(Compose.PROJECT)
class ComposeBadInputIT {

    private static final String NODE = "coracle/node-agent:local";
    private static final String API_SERVER = "coracle/api-server:local";

    private final String volume = "coracle-e2e-" + UUID.randomUUID();

    @AfterEach
    void removeTheVolume() {
        Shell.run("docker", "volume", "rm", "--force", volume).orFail();
    }

    @Test
    void aNodeNamesTheRightsItLacks() {
        assertRefused(
                docker("run", "--rm", "--cap-drop", "ALL", NODE),
                "this container lacks NET_ADMIN SYS_ADMIN",
                "start it with 'cap_add: [NET_ADMIN, SYS_ADMIN]'");
    }

    @Test
    void aNodeSaysThatItMayNotMount() {
        assertRefused(
                docker(
                        "run",
                        "--rm",
                        "--cap-add",
                        "NET_ADMIN",
                        "--cap-add",
                        "SYS_ADMIN",
                        "--security-opt",
                        "seccomp=unconfined",
                        "--entrypoint",
                        "/bin/sh",
                        NODE,
                        "-c",
                        // as where an engine's profile forbids mounts
                        "umask 022; printf '#!/bin/sh\\nexit 32\\n' > /usr/local/bin/mount;"
                                + " chmod +x /usr/local/bin/mount; exec /app/entrypoint"),
                "mounts are not allowed here; start it with 'security_opt:");
    }

    @Test
    void stateOfAnotherVersionIsLeftAlone() {
        docker(
                        "run",
                        "--rm",
                        "--volume",
                        volume + ":/var/lib/coracle",
                        "--entrypoint",
                        "/bin/sh",
                        API_SERVER,
                        "-c",
                        "echo 99 > /var/lib/coracle/format")
                .orFail();
        assertRefused(
                docker("run", "--rm", "--volume", volume + ":/var/lib/coracle", API_SERVER),
                "was written by another version (format 99, this one reads 1)");
    }

    @Test
    void stateThatCannotBeWrittenIsNamed() {
        assertRefused(
                docker("run", "--rm", "--read-only", API_SERVER),
                "cannot write to /var/lib/coracle as user 10001");
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = taken.getLocalPort();
            Shell.Result result =
                    docker("run", "--rm", "--publish", "127.0.0.1:" + port + ":6443", API_SERVER);
            assertThat(result.exitCode()).isNotZero();
            assertThat(result.output()).contains("" + port).contains("address already in use");
        }
    }

    private static void assertRefused(Shell.Result result, String... sentences) {
        assertThat(result.exitCode()).as(result.output()).isEqualTo(1);
        assertThat(result.output()).contains("coracle ").contains(sentences);
    }

    private static Shell.Result docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return Shell.run(Duration.ofMinutes(1), Map.of(), command);
    }
}
