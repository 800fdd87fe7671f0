package dev.coracle.nodeagent.hollow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.runtime.Confinement;
import dev.coracle.nodeagent.runtime.ContainerSpec;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.runtime.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HollowRuntimeTest {

    private final HollowRuntime runtime = new HollowRuntime();

    @Test
    void runsUntilItIsAskedToEnd() throws IOException {
        RunningContainer container = sandbox().start(spec());
        assertThat(container.exit()).isNotDone();
        container.terminate();
        assertThat(container.exit()).isCompletedWithValue(new ExitStatus(0));
    }

    @Test
    void endsWithItsSandbox() throws IOException {
        PodSandbox sandbox = sandbox();
        RunningContainer container = sandbox.start(spec());
        sandbox.close();
        assertThat(container.exit()).isCompletedWithValue(new ExitStatus(137));
    }

    @Test
    void saysThatItRunsNothing() throws IOException {
        RunningContainer container = sandbox().start(spec());
        assertThatThrownBy(() -> container.exec(List.of("ls"), Duration.ofSeconds(1)))
                .isInstanceOf(IOException.class)
                .hasMessage("a hollow container runs nothing");
    }

    @Test
    void givesAddressesOfThePodRange() throws IOException {
        HollowLinks links = new HollowLinks(Cidr.of("10.244.3.0/24"));
        PodLinks.Attachment first = links.attach("a", List.of());
        assertThat(first.address()).startsWith("10.244.3.");
        assertThat(links.attach("b", List.of()).address()).isNotEqualTo(first.address());
    }

    private PodSandbox sandbox() {
        return runtime.createSandbox(
                new SandboxSpec(
                        "pod",
                        "pod",
                        Path.of("/proc/self/ns/net"),
                        "",
                        "",
                        SandboxSpec.Sharing.NONE,
                        Map.of(),
                        Path.of("handles"),
                        Path.of("sandbox")));
    }

    private static ContainerSpec spec() {
        return new ContainerSpec(
                "main",
                List.of("sleep"),
                Map.of(),
                "/",
                "",
                List.of(),
                Path.of("log"),
                Confinement.standard(Path.of("error")),
                ContainerSpec.Console.NONE,
                0,
                "image");
    }
}
