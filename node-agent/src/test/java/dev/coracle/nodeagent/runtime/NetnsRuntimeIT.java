package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real processes in real namespaces; runs as root. */
class NetnsRuntimeIT extends ContainerRuntimeConformance {

    private static final String NAMESPACE = "corruntime" + ProcessHandle.current().pid();

    @BeforeAll
    static void addNamespace() throws Exception {
        dev.coracle.fabric.island.Namespaces.add(NAMESPACE);
    }

    @AfterAll
    static void removeNamespace() throws Exception {
        dev.coracle.fabric.island.Namespaces.remove(List.of(NAMESPACE));
    }

    @Override
    ContainerRuntime runtime() {
        try {
            return new NetnsRuntime(InstantSource.system());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    Path networkNamespace() {
        return Path.of("/run/netns", NAMESPACE);
    }

    @Test
    void showsTheContainerItsOwnWorld() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            shell(
                                    "one",
                                    """
                                    echo $GREETING from $(hostname) in $(pwd) as pid $$
                                    tail -n 1 /etc/hosts; cat /etc/resolv.conf /etc/hostname
                                    ls /sys/class/net | wc -l > /dev/null; ip -o link | wc -l
                                    ps ax | grep -c '[s]h -c'
                                    echo problem >&2
                                    touch /coracle-was-here\
                                    """));
            assertThat(exit(container).isSuccess()).isTrue();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(() ->
                            assertThat(log("one"))
                                    .contains(
                                            "stdout F hello from my-pod in /tmp as pid 1",
                                            "stdout F 10.0.0.9 my-pod",
                                            "stdout F nameserver 10.96.0.10",
                                            "stdout F my-pod",
                                            "stderr F problem"));
            assertThat(Path.of("/coracle-was-here")).doesNotExist();
        }
    }

    @Test
    void mountsVolumesWhereNothingWas() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("key"), "value\n");
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            ContainerSpec spec =
                    new ContainerSpec(
                            "one",
                            List.of(
                                    "sh",
                                    "-c",
                                    "cat /no/where/key; id -u; touch /no/where/new || exit 9"),
                            Map.of(),
                            "/",
                            "1234",
                            List.of(new ContainerSpec.Mount(data, "/no/where", true)),
                            folder.resolve("one.log"));
            assertThat(exit(sandbox.start(spec)).code()).isEqualTo(9);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(
                            () -> assertThat(log("one")).contains("stdout F value", "F 1234"));
        }
    }

    @Test
    void executesInsideAndTerminatesGracefully() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            shell(
                                    "one",
                                    "trap 'exit 5' TERM; touch /ready; while :; do sleep 0.05;"
                                            + " done"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() ->
                            container.exec(List.of("test", "-e", "/ready"), Duration.ofSeconds(2))
                                    == 0);
            container.terminate();
            assertThat(container.exit().get(5, TimeUnit.SECONDS).code()).isEqualTo(5);
        }
    }

    @Test
    void leavesNoMountBehind() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThat(exit(sandbox.start(shell("one", "exit 0"))).isSuccess()).isTrue();
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(folder.toString());
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }
}
