package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hooks, probes, sidecars, volumes and deadlines of one pod, in virtual time. */
class PodLifecycleTest {

    @TempDir Path folder;

    @Test
    void endsSidecarsAfterTheOthersAndTheLastOneFirst() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withInitContainers(
                                        OnePod.container("s1").withRestartPolicy("Always").build(),
                                        OnePod.container("s2").withRestartPolicy("Always").build())
                                .withContainers(OnePod.container("app").build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            one.api.await(s -> "Running".equals(s.getPhase()));
            one.delete(30);
            Awaitility.await().until(() -> one.run("app").wasTerminated());
            assertThat(one.run("s2").wasTerminated()).isFalse();
            one.run("app").end(0);
            Awaitility.await().until(() -> one.run("s2").wasTerminated());
            assertThat(one.run("s1").wasTerminated()).isFalse();
            one.run("s2").end(0);
            Awaitility.await().until(() -> one.run("s1").wasTerminated());
            one.run("s1").end(0);
            Awaitility.await().until(one.api::isRemoved);
        }
    }

    @Test
    void isNotReadyBeforeItsStartupProbeSucceeds() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(
                                        OnePod.container("app")
                                                .withNewStartupProbe()
                                                .withNewExec()
                                                .withCommand("check")
                                                .endExec()
                                                .withInitialDelaySeconds(1)
                                                .withPeriodSeconds(1)
                                                .endStartupProbe()
                                                .build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            one.run("app").execAnswers(1);
            one.api.await(s -> "Running".equals(s.getPhase()));
            one.time.advance(Duration.ofSeconds(1));
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(one.api.events())
                                    .contains(
                                            "Warning Unhealthy: Startup probe failed: said"
                                                    + " 1"));
            assertThat(only(one.api.status()).getStarted()).isFalse();
            assertThat(only(one.api.status()).getReady()).isFalse();
            one.run("app").execAnswers(0);
            one.time.advance(Duration.ofSeconds(1));
            PodStatus status = one.api.await(s -> only(s).getReady());
            assertThat(only(status).getStarted()).isTrue();
        }
    }

    @Test
    void restartsAContainerWhoseStartupProbeFailsTooOften() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(
                                        OnePod.container("app")
                                                .withNewStartupProbe()
                                                .withNewExec()
                                                .withCommand("check")
                                                .endExec()
                                                .withInitialDelaySeconds(1)
                                                .withFailureThreshold(1)
                                                .withTerminationGracePeriodSeconds(7L)
                                                .endStartupProbe()
                                                .build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            one.run("app").execAnswers(1);
            one.api.await(s -> "Running".equals(s.getPhase()));
            one.time.advance(Duration.ofSeconds(1));
            Awaitility.await().until(() -> one.run("app").wasTerminated());
            assertThat(one.api.events())
                    .contains(
                            "Normal Killing: Container app failed startup probe, will be"
                                    + " restarted");
        }
    }

    @Test
    void endsAContainerWhosePostStartHookFails() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(
                                        OnePod.container("app")
                                                .withNewLifecycle()
                                                .withNewPostStart()
                                                .withNewTcpSocket()
                                                .endTcpSocket()
                                                .endPostStart()
                                                .endLifecycle()
                                                .build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            Awaitility.await().until(() -> one.run("app").wasTerminated());
            assertThat(one.api.events())
                    .contains(
                            "Warning FailedPostStartHook: PostStartHook failed",
                            "Normal Killing: FailedPostStartHook");
        }
    }

    @Test
    void failsThePodThatWasActiveTooLong() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withActiveDeadlineSeconds(60L)
                                .withContainers(OnePod.container("app").build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            one.api.await(s -> "Running".equals(s.getPhase()));
            one.time.advance(Duration.ofSeconds(60));
            Awaitility.await().until(() -> one.run("app").wasTerminated());
            one.run("app").end(0);
            PodStatus status = one.api.await(s -> "Failed".equals(s.getPhase()));
            assertThat(status.getReason()).isEqualTo("DeadlineExceeded");
            assertThat(status.getMessage())
                    .isEqualTo("Pod was active on the node longer than the specified deadline");
        }
    }

    @Test
    void evictsAtOnceAndSaysSo() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec().withContainers(OnePod.container("app").build()).endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            one.api.await(s -> "Running".equals(s.getPhase()));
            one.signal(new PodSignal.Evict("The node was low on resource: memory. "));
            PodStatus status = one.api.await(s -> "Failed".equals(s.getPhase()));
            assertThat(status.getReason()).isEqualTo("Evicted");
            assertThat(status.getConditions())
                    .anySatisfy(condition -> {
                        assertThat(condition.getType()).isEqualTo("DisruptionTarget");
                        assertThat(condition.getReason()).isEqualTo("TerminationByKubelet");
                    });
        }
    }

    @Test
    void saysThatAProgramCouldNotBeStarted() throws Exception {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withRestartPolicy("Never")
                                .withContainers(OnePod.container("app").build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            Files.writeString(one.run("app").spec().confinement().startError(), "no such thing");
            one.run("app").end(127);
            PodStatus status = one.api.await(s -> "Failed".equals(s.getPhase()));
            assertThat(only(status).getState().getTerminated().getReason()).isEqualTo("StartError");
            assertThat(only(status).getState().getTerminated().getExitCode()).isEqualTo(128);
            assertThat(one.api.events()).contains("Warning Failed: Error: no such thing");
        }
    }

    @Test
    void waitsForItsReadinessGates() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .addNewReadinessGate("example.org/open")
                                .withContainers(OnePod.container("app").build())
                                .endSpec());
        try (OnePod one = new OnePod(folder, pod).start()) {
            PodStatus status = one.api.await(s -> "Running".equals(s.getPhase()));
            assertThat(status.getConditions())
                    .filteredOn(c -> c.getType().equals("Ready"))
                    .extracting("status", "reason", "message")
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(
                                    "False",
                                    "ReadinessGatesNotReady",
                                    "corresponding condition of pod readiness gate"
                                            + " \"example.org/open\" does not exist."));
        }
    }

    @Test
    void showsWhatChangesAndReplacesTokens() {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(
                                        OnePod.container("app")
                                                .addNewVolumeMount()
                                                .withName("all")
                                                .withMountPath("/all")
                                                .endVolumeMount()
                                                .build())
                                .addNewVolume()
                                .withName("all")
                                .withNewProjected()
                                .addNewSource()
                                .withNewServiceAccountToken(null, 600L, "token")
                                .endSource()
                                .addNewSource()
                                .withNewConfigMap()
                                .withName("settings")
                                .endConfigMap()
                                .endSource()
                                .endProjected()
                                .endVolume()
                                .endSpec());
        OnePod one = new OnePod(folder, pod);
        one.api.add(settings("blue"));
        try (one) {
            one.start();
            Path shown = one.run("app").spec().mounts().getFirst().source();
            assertThat(shown.resolve("colour")).hasContent("blue");
            assertThat(shown.resolve("token")).hasContent("token-0");
            one.api.change(settings("red"));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(shown.resolve("colour")).hasContent("red"));
            one.time.advance(Duration.ofMinutes(8));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(shown.resolve("token")).hasContent("token-1"));
        }
    }

    private static ConfigMap settings(String colour) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .endMetadata()
                .withData(Map.of("colour", colour))
                .build();
    }

    private static ContainerStatus only(PodStatus status) {
        return status.getContainerStatuses().getFirst();
    }
}
