package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.cgroup.Cgroups;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.runtime.FakeContainerRuntime;
import dev.coracle.nodeagent.timing.VirtualTimers;
import dev.coracle.nodeagent.volume.ProvisionedVolumes;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on a fake runtime and API, in virtual time. */
class PodWorkerTest {

    @TempDir Path folder;

    private final FakeContainerRuntime runtime = new FakeContainerRuntime();
    private final VirtualTimers time = new VirtualTimers();
    private final FakePodApi api = new FakePodApi(time);
    private @Nullable PodWorker worker;

    @AfterEach
    void stop() {
        worker().signal(new PodSignal.Stop());
    }

    @Test
    void runsThePodAndReportsIt() {
        start(pod(container("app").build()));
        PodStatus status = api.await(s -> "Running".equals(s.getPhase()));
        assertThat(status.getPodIP()).isEqualTo("10.244.1.2");
        assertThat(status.getHostIP()).isEqualTo("10.89.0.11");
        assertThat(status.getConditions())
                .extracting(c -> c.getType() + "=" + c.getStatus())
                .containsExactly(
                        "PodReadyToStartContainers=True",
                        "Initialized=True",
                        "ContainersReady=True",
                        "Ready=True",
                        "PodScheduled=True");
        assertThat(only(status).getContainerID()).isEqualTo("coracle://fake0");
        assertThat(api.events())
                .containsExactly(
                        "Normal Pulled: Container image \"coracle/host\" already present on machine",
                        "Normal Created: Created container: app",
                        "Normal Started: Started container app");
    }

    @Test
    void saysAgainWhatSomebodyElseOverwrote() {
        Pod pod = pod(container("app").build());
        start(pod);
        PodStatus ready = api.await(s -> "Running".equals(s.getPhase()) && isReady(s));
        Pod overwritten =
                new PodBuilder(pod)
                        .editMetadata()
                        .withResourceVersion("99")
                        .endMetadata()
                        .withStatus(
                                new PodStatusBuilder(ready)
                                        .editMatchingCondition(c -> "Ready".equals(c.getType()))
                                        .withStatus("False")
                                        .withReason("NodeNotReady")
                                        .endCondition()
                                        .build())
                        .build();
        api.writeStatus(pod, overwritten.getStatus());
        worker().signal(new PodSignal.Changed(overwritten));
        PodStatus again = api.await(PodWorkerTest::isReady);
        assertThat(again).isEqualTo(ready);
    }

    private static boolean isReady(PodStatus status) {
        return status.getConditions().stream()
                .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    @Nested
    class WhenAContainerEnds {

        @Test
        void restartsAtOnceThenWithDoublingWaits() {
            start(pod(container("app").build()));
            awaitRuns(1);
            runtime.runs().get(0).end(1);
            awaitRuns(2);
            runtime.runs().get(1).end(1);
            api.await(s -> waits(s, "CrashLoopBackOff"));
            time.advance(Duration.ofSeconds(9));
            assertThat(runtime.runs()).hasSize(2);
            time.advance(Duration.ofSeconds(1));
            awaitRuns(3);
            runtime.runs().get(2).end(1);
            PodStatus status = api.await(s -> waits(s, "CrashLoopBackOff"));
            assertThat(only(status).getState().getWaiting().getMessage()).contains("20s");
            assertThat(only(status).getRestartCount()).isEqualTo(2);
            assertThat(only(status).getLastState().getTerminated().getExitCode()).isEqualTo(1);
        }

        @Test
        void finishesThePodThatIsNotToRestart() {
            start(pod(spec -> spec.editSpec().withRestartPolicy("Never").endSpec()));
            awaitRuns(1);
            runtime.runs().getFirst().end(3);
            PodStatus status = api.await(s -> "Failed".equals(s.getPhase()));
            assertThat(only(status).getState().getTerminated().getExitCode()).isEqualTo(3);
            assertThat(only(status).getReady()).isFalse();
        }

        @Test
        void succeedsWhenAllEndedWell() {
            start(pod(spec -> spec.editSpec().withRestartPolicy("OnFailure").endSpec()));
            awaitRuns(1);
            runtime.runs().getFirst().end(0);
            PodStatus status = api.await(s -> "Succeeded".equals(s.getPhase()));
            assertThat(status.getConditions())
                    .filteredOn(c -> c.getType().equals("Ready"))
                    .extracting("reason")
                    .containsExactly("PodCompleted");
        }
    }

    @Nested
    class WhenDeleted {

        @Test
        void asksToEndThenKillsAfterTheGracePeriod() {
            Pod pod = pod(container("app").build());
            start(pod);
            awaitRuns(1);
            worker().signal(new PodSignal.Changed(deleted(pod, 5)));
            Awaitility.await().until(() -> runtime.runs().getFirst().wasTerminated());
            assertThat(api.isRemoved()).isFalse();
            // the worker sets the timer after it has asked
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(api.events())
                                    .contains("Normal Killing: Stopping container app"));
            Awaitility.await()
                    .until(() -> {
                        time.advance(Duration.ofSeconds(5));
                        return api.isRemoved();
                    });
            assertThat(runtime.runs().getFirst().exit().join().code()).isEqualTo(137);
        }

        @Test
        void goesOnForItsPreStopSleepFirst() {
            Pod pod =
                    pod(
                            container("app")
                                    .withNewLifecycle()
                                    .withNewPreStop()
                                    .withNewSleep(3L)
                                    .endPreStop()
                                    .endLifecycle()
                                    .build());
            start(pod);
            awaitRuns(1);
            worker().signal(new PodSignal.Changed(deleted(pod, 30)));
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(api.events())
                                    .contains("Normal Killing: Stopping container app"));
            time.advance(Duration.ofSeconds(2));
            assertThat(runtime.runs().getFirst().wasTerminated()).isFalse();
            Awaitility.await()
                    .until(() -> {
                        time.advance(Duration.ofSeconds(1));
                        return runtime.runs().getFirst().wasTerminated();
                    });
            runtime.runs().getFirst().end(0);
            Awaitility.await().until(api::isRemoved);
        }

        @Test
        void runsItsPreStopCommandFirst() {
            Pod pod =
                    pod(
                            container("app")
                                    .withNewLifecycle()
                                    .withNewPreStop()
                                    .withNewExec()
                                    .withCommand("true")
                                    .endExec()
                                    .endPreStop()
                                    .endLifecycle()
                                    .build());
            start(pod);
            awaitRuns(1);
            worker().signal(new PodSignal.Changed(deleted(pod, 30)));
            Awaitility.await().until(() -> runtime.runs().getFirst().wasTerminated());
        }

        @Test
        void removesThePodAsSoonAsItEnded() {
            Pod pod = pod(container("app").build());
            start(pod);
            awaitRuns(1);
            worker().signal(new PodSignal.Changed(deleted(pod, 30)));
            Awaitility.await().until(() -> runtime.runs().getFirst().wasTerminated());
            runtime.runs().getFirst().end(0);
            Awaitility.await().until(api::isRemoved);
        }
    }

    @Nested
    class BeforeItRuns {

        @Test
        void runsInitContainersInOrder() {
            start(
                    pod(spec ->
                            spec.editSpec()
                                    .withInitContainers(
                                            container("first").build(), container("second").build())
                                    .endSpec()));
            awaitRuns(1);
            assertThat(api.await(s -> !s.getInitContainerStatuses().isEmpty()).getPhase())
                    .isEqualTo("Pending");
            runtime.runs().get(0).end(0);
            awaitRuns(2);
            runtime.runs().get(1).end(0);
            api.await(s -> "Running".equals(s.getPhase()));
            assertThat(runtime.runs())
                    .extracting(run -> run.spec().name())
                    .containsExactly("first", "second", "app");
        }

        @Test
        void saysHowToAddAnUnknownImage() {
            start(pod(container("app").withImage("nginx:1.27").build()));
            api.await(s -> waits(s, "ErrImagePull"));
            assertThat(api.events())
                    .anyMatch(e -> e.contains("'nginx:1.27'") && e.contains("images.d"));
            time.advance(Duration.ofSeconds(1));
            api.await(s -> waits(s, "ImagePullBackOff"));
        }

        @Test
        void saysThatAnImageIsNeverPulled() {
            start(
                    pod(
                            container("app")
                                    .withImage("nginx:1.27")
                                    .withImagePullPolicy("Never")
                                    .build()));
            api.await(s -> waits(s, "ErrImageNeverPull"));
            assertThat(api.events())
                    .contains(
                            "Warning ErrImageNeverPull: Container image \"nginx:1.27\" is not"
                                    + " present with pull policy of Never");
        }

        @Test
        void refusesWhatItCannotDoByName() {
            start(
                    pod(spec ->
                            spec.editSpec()
                                    .addNewVolume()
                                    .withName("data")
                                    .withNewNfs()
                                    .withServer("files")
                                    .withPath("/")
                                    .endNfs()
                                    .endVolume()
                                    .endSpec()));
            PodStatus status = api.await(s -> waits(s, "Unsupported"));
            assertThat(only(status).getState().getWaiting().getMessage())
                    .isEqualTo("this node does not support the type of volume 'data' (nfs)");
            assertThat(api.events()).hasSize(1).first().asString().startsWith("Warning");
        }

        @Test
        void waitsForAConfigMap() {
            start(
                    pod(
                            container("app")
                                    .addNewEnvFrom()
                                    .withNewConfigMapRef("settings", null)
                                    .endEnvFrom()
                                    .build()));
            PodStatus status = api.await(s -> waits(s, "CreateContainerConfigError"));
            assertThat(only(status).getState().getWaiting().getMessage())
                    .isEqualTo("configmap \"settings\" not found");
            api.add(
                    new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName("settings")
                            .endMetadata()
                            .withData(Map.of("COLOUR", "blue"))
                            .build());
            time.advance(Duration.ofSeconds(1));
            awaitRuns(1);
            assertThat(runtime.runs().getFirst().spec().env())
                    .containsEntry("COLOUR", "blue")
                    .containsEntry("HOSTNAME", "my-pod");
        }
    }

    private void start(Pod pod) {
        PodHost host =
                new PodHost(
                        "node-1",
                        "10.89.0.11",
                        folder,
                        folder.resolve("handles"),
                        "10.96.0.10",
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(5),
                        new PodHost.Tools(
                                api,
                                runtime,
                                new ImageStore(
                                        folder.resolve("images.d"),
                                        new ImageFolder(folder.resolve("images")),
                                        List.of("echo")),
                                ImageSource.none(),
                                new OneAddress(),
                                new ProbeChecks(NetworkNamespace.host(), new ProbeMetrics(), time),
                                Cgroups.none("a test"),
                                new ProvisionedVolumes(folder.resolve("claimed")),
                                time,
                                time),
                        List::of,
                        Optional::empty);
        PodWorker started = new PodWorker(pod, host, new NodeFit(host.node()), _ -> {});
        worker = started;
        Thread _ = started.start();
    }

    private PodWorker worker() {
        return Objects.requireNonNull(worker, "not started");
    }

    private void awaitRuns(int count) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> runtime.runs().size() == count);
    }

    private static boolean waits(PodStatus status, String reason) {
        return status.getContainerStatuses().stream()
                .anyMatch(c ->
                        c.getState().getWaiting() != null
                                && reason.equals(c.getState().getWaiting().getReason()));
    }

    private static ContainerStatus only(PodStatus status) {
        return status.getContainerStatuses().getFirst();
    }

    private static ContainerBuilder container(String name) {
        return new ContainerBuilder()
                .withName(name)
                .withImage("coracle/host")
                .withCommand("sleep", "600");
    }

    private static Pod pod(Container container) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("my-pod")
                .withUid("7e4d6a10-0000-4000-8000-000000000001")
                .endMetadata()
                .withNewSpec()
                .withContainers(container)
                .endSpec()
                .build();
    }

    private static Pod pod(UnaryOperator<PodBuilder> change) {
        return change.apply(new PodBuilder(pod(container("app").build()))).build();
    }

    private static Pod deleted(Pod pod, long grace) {
        return new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .withDeletionGracePeriodSeconds(grace)
                .endMetadata()
                .build();
    }

    private static final class OneAddress implements PodLinks {
        @Override
        public Attachment attach(String id, List<HostPort> ports) {
            return new Attachment(id, "10.244.1.2", Path.of("/proc/self/ns/net"), ports);
        }

        @Override
        public void detach(Attachment attachment) {
            // one address for all
        }

        @Override
        public Path nodeNamespace() {
            return Path.of("/proc/self/ns/net");
        }
    }
}
