package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Plain processes; needs no rights. */
class PlainRuntimeIT extends ContainerRuntimeConformance {

    private final PlainRuntime runtime;

    PlainRuntimeIT() throws IOException {
        runtime = new PlainRuntime(InstantSource.system(), _ -> "127.244.0.9");
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @Override
    ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    Path networkNamespace() {
        return NetworkNamespace.OWN;
    }

    @Test
    void tellsAProcessItsAddressAndWhereItsVolumesAre() throws Exception {
        Path volume = Files.createDirectories(folder.resolve("volumes/conf"));
        Files.writeString(volume.resolve("key"), "value");
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            mounting(
                                    volume,
                                    "echo $POD_IP $GREETING; cat $CORACLE_MOUNT_ETC_CONF_D/key;"
                                            + " echo;"
                                            + " exec sleep 600"));

            ExecResult inside =
                    container.exec(
                            List.of("sh", "-c", "echo $POD_IP; ls $CORACLE_MOUNT_ETC_CONF_D; pwd"),
                            Duration.ofSeconds(5));
            assertThat(inside.output()).isEqualTo("127.244.0.9\nkey\n/tmp\n");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(folder.resolve("one.log")).content().contains("value"));
            container.kill();
            assertThat(exit(container).signal()).isEqualTo(9);
        }
        assertThat(folder.resolve("one.log"))
                .content()
                .contains(" F 127.244.0.9 hello\n", "value")
                .doesNotContain("Killed");
    }

    @Test
    void saysThatNothingIsMounted() {
        assertThat(runtime().reservation(mounting(folder, "true")))
                .contains(
                        "nothing can be mounted in container 'one' in this fabric: /etc/conf.d is"
                                + " where CORACLE_MOUNT_ETC_CONF_D says");
        assertThat(runtime().reservation(shell("one", "true"))).isEmpty();
    }

    @Test
    void killsWhatAProcessLeavesBehind() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(shell("one", "sleep 678 & echo $! >" + folder + "/pid"));
            assertThat(exit(container).isSuccess()).isTrue();
            long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        }
    }

    @Test
    void endsWhatAKilledAgentLeft() throws Exception {
        PodSandbox sandbox = runtime().createSandbox(spec("node/pods/uid/sandbox"));
        RunningContainer container = sandbox.start(container("one", List.of("sleep", "600")));

        PlainRuntime.endAll(folder);

        assertThat(exit(container).signal()).isEqualTo(9);
        sandbox.close();
    }

    @Test
    void findsWhatAnEarlierAgentStarted() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container = sandbox.start(container("one", List.of("sleep", "600")));
            try (PlainRuntime next = new PlainRuntime(InstantSource.system(), _ -> "127.244.0.9")) {
                PodSandbox found = next.findSandbox(spec()).orElseThrow();
                assertThat(found.adopt())
                        .singleElement()
                        .satisfies(adopted ->
                                assertThat(adopted.run().id()).isEqualTo(container.id()));
            }
        }
    }

    @Test
    void refusesAnotherUser() throws Exception {
        ContainerSpec plain = shell("one", "true");
        ContainerSpec other =
                new ContainerSpec(
                        "one",
                        plain.command(),
                        Map.of(),
                        "/",
                        "1234",
                        List.of(),
                        plain.log(),
                        plain.confinement(),
                        ContainerSpec.Console.NONE,
                        0,
                        "image");
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThatThrownBy(() -> sandbox.start(other))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(
                            "user 1234: processes of this fabric run as user \\d+ only");
        }
    }

    private SandboxSpec spec(String path) throws IOException {
        SandboxSpec usual = spec();
        return new SandboxSpec(
                usual.id(),
                usual.hostname(),
                usual.networkNamespace(),
                usual.hosts(),
                usual.resolvConf(),
                usual.sharing(),
                usual.sysctls(),
                usual.namespaces(),
                folder.resolve(path));
    }

    private ContainerSpec mounting(Path source, String script) {
        ContainerSpec plain = shell("one", script);
        return new ContainerSpec(
                "one",
                plain.command(),
                plain.env(),
                "/tmp",
                "",
                List.of(new ContainerSpec.Mount(source, "/etc/conf.d", false)),
                plain.log(),
                plain.confinement(),
                ContainerSpec.Console.NONE,
                0,
                "image");
    }
}
