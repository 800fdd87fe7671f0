package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every container runtime does; subclasses say which. */
abstract class ContainerRuntimeConformance {

    @TempDir Path folder;

    abstract ContainerRuntime runtime();

    /** A network namespace that exists. */
    abstract Path networkNamespace();

    @Test
    void reportsTheExitCode() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThat(exit(sandbox.start(shell("one", "exit 3")))).isEqualTo(new ExitStatus(3));
            assertThat(exit(sandbox.start(shell("two", "exit 0"))).isSuccess()).isTrue();
        }
    }

    @Test
    void endsWith127WhenTheProgramDoesNotExist() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(container("one", List.of("/no/such/program")));
            assertThat(exit(container).code()).isEqualTo(127);
        }
    }

    @Test
    void killsAContainerThatDoesNotListen() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container = sandbox.start(container("one", List.of("sleep", "600")));
            container.kill();
            assertThat(exit(container).signal()).isEqualTo(9);
        }
    }

    @Test
    void killsWhatRunsWhenTheSandboxCloses() throws Exception {
        RunningContainer container;
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            container = sandbox.start(container("one", List.of("sleep", "600")));
        }
        assertThat(container.exit()).isDone();
    }

    @Test
    void givesEachRunItsOwnId() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThat(sandbox.start(shell("one", "exit 0")).id())
                    .isNotEqualTo(sandbox.start(shell("one", "exit 0")).id());
        }
    }

    @Test
    void refusesToExecuteInAnEndedContainer() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container = sandbox.start(shell("one", "exit 0"));
            ExitStatus ended = exit(container);
            assertThat(ended.isSuccess()).isTrue();
            assertThatThrownBy(() -> container.exec(List.of("true"), Duration.ofSeconds(1)))
                    .isInstanceOf(IOException.class);
        }
    }

    SandboxSpec spec() throws IOException {
        return new SandboxSpec(
                "pod1",
                "my-pod",
                networkNamespace(),
                "127.0.0.1 localhost\n10.0.0.9 my-pod\n",
                "nameserver 10.96.0.10\n",
                SandboxSpec.Sharing.NONE,
                Map.of(),
                folder.resolve("namespaces"),
                Files.createDirectories(folder.resolve("sandbox")));
    }

    ContainerSpec shell(String name, String script) {
        return container(name, List.of("sh", "-c", script));
    }

    ContainerSpec container(String name, List<String> command) {
        return new ContainerSpec(
                name,
                command,
                Map.of("GREETING", "hello"),
                "/tmp",
                "",
                List.of(),
                folder.resolve(name + ".log"),
                Confinement.standard(folder.resolve(name + ".error")),
                ContainerSpec.Console.NONE,
                0,
                "image");
    }

    static ExitStatus exit(RunningContainer container) throws Exception {
        return container.exit().get(10, TimeUnit.SECONDS);
    }
}
