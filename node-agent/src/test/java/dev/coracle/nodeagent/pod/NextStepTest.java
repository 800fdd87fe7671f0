package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.pod.ContainerLife.Kind;
import dev.coracle.nodeagent.runtime.FakeContainerRuntime;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NextStepTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final ContainerLife first = life("first", Kind.INIT);
    private final ContainerLife sidecar = life("sidecar", Kind.SIDECAR);
    private final ContainerLife second = life("second", Kind.INIT);
    private final ContainerLife main = life("main", Kind.MAIN);

    @Test
    void startsOneInitContainerAfterAnother() {
        assertThat(start(List.of(first, second, main))).containsExactly("first");
        end(first, 0);
        assertThat(start(List.of(first, second, main))).containsExactly("second");
        end(second, 0);
        assertThat(next(false, List.of(first, second, main)))
                .isInstanceOfSatisfying(
                        NextStep.Initialized.class,
                        step -> assertThat(step.containers()).containsExactly(main));
    }

    @Test
    void waitsForASidecarToBeStartedButNotForItsEnd() {
        assertThat(start(List.of(sidecar, second, main))).containsExactly("sidecar");
        run(sidecar);
        assertThat(start(List.of(sidecar, second, main))).isEmpty();
        sidecar.started = true;
        assertThat(start(List.of(sidecar, second, main))).containsExactly("second");
    }

    @Test
    void restartsASidecarUnderAnyPolicy() {
        sidecar.started = true;
        end(sidecar, 0);
        run(main);
        assertThat(NextStep.of("Never", true, List.of(sidecar, main)))
                .isInstanceOfSatisfying(
                        NextStep.Start.class,
                        step -> assertThat(step.containers()).containsExactly(sidecar));
    }

    @Test
    void endsThePodWhoseMainContainersAreDoneAlthoughASidecarRuns() {
        run(sidecar);
        sidecar.started = true;
        end(main, 0);
        assertThat(NextStep.of("OnFailure", true, List.of(sidecar, main)))
                .isEqualTo(new NextStep.End());
    }

    @Test
    void endsThePodWhoseInitContainerFailedForGood() {
        end(first, 1);
        assertThat(NextStep.of("Never", false, List.of(first, main))).isEqualTo(new NextStep.End());
        assertThat(start(List.of(first, main))).containsExactly("first");
    }

    private static List<String> start(List<ContainerLife> lives) {
        return next(false, lives) instanceof NextStep.Start(List<ContainerLife> containers)
                ? containers.stream().map(ContainerLife::name).toList()
                : List.of("not a start");
    }

    private static NextStep next(boolean initialized, List<ContainerLife> lives) {
        return NextStep.of("OnFailure", initialized, lives);
    }

    private static void end(ContainerLife life, int code) {
        life.ended(new ContainerPhase.Ended("id", code, "Completed", null, NOW, NOW));
        life.started = life.kind == Kind.SIDECAR && life.started;
    }

    private static void run(ContainerLife life) {
        life.begins(FakeContainerRuntime.runOf(life.name()), "image", NOW);
        life.running();
    }

    private static ContainerLife life(String name, Kind kind) {
        return new ContainerLife(
                new ContainerBuilder().withName(name).build(),
                kind,
                new ContainerPhase.Waiting("PodInitializing", null),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(2)));
    }
}
