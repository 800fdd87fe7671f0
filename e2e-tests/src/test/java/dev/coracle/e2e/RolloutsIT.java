package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.await;
import static dev.coracle.e2e.PlayedNamespace.controllers;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people see of a Deployment that is paused, stuck, rolled back or short of room. */
class RolloutsIT {

    private static final String NEVER_READY =
            """
            {"spec":{"template":{"metadata":{"annotations":{"played/ready":"false"}},
            "spec":{"containers":[{"name":"main","image":"%s"}]}}}}
            """;

    private final PlayedNamespace namespace = new PlayedNamespace("rollouts");
    private final PlayedDeployments deployments = new PlayedDeployments(namespace);

    @Test
    void beginsNothingWhileItIsPaused() {
        deployments.create("paused", "replicas: 2", "paused: true");
        await(() -> {
            assertThat(deployments.condition("paused", "Progressing"))
                    .isEqualTo("Unknown DeploymentPaused: Deployment is paused");
            assertThat(deployments.condition("paused", "Available"))
                    .startsWith("False MinimumReplicasUnavailable");
            assertThat(deployments.named("paused").get().getStatus().getObservedGeneration())
                    .isEqualTo(1);
        });
        assertThat(deployments.replicaSets()).isEmpty();
        namespace.kubectl("rollout", "resume", "deployment/paused");
        deployments.awaitComplete("paused");

        namespace.kubectl("rollout", "pause", "deployment/paused");
        deployments.setImage("paused", "second");
        namespace.kubectl("scale", "deployment/paused", "--replicas=3");
        await(() ->
                assertThat(deployments.replicaSet("first").getStatus().getAvailableReplicas())
                        .isEqualTo(3));
        assertThat(deployments.replicaSets()).hasSize(1);
        namespace.kubectl("rollout", "resume", "deployment/paused");
        deployments.awaitComplete("paused");
        assertThat(deployments.replicaSet("second").getSpec().getReplicas()).isEqualTo(3);
    }

    @Test
    void saysThatItIsResumedUntilItProgresses() {
        deployments.createPlayed("resumed", "{played/ready: \"false\"}", "replicas: 1");
        await(() -> {
            assertThat(deployments.replicaSet("first").getStatus().getReplicas()).isEqualTo(1);
            assertThat(deployments.condition("resumed", "Progressing"))
                    .startsWith("True ReplicaSetUpdated: ReplicaSet \"resumed-")
                    .endsWith("\" is progressing.");
        });
        namespace.kubectl("rollout", "pause", "deployment/resumed");
        await(() ->
                assertThat(deployments.condition("resumed", "Progressing"))
                        .isEqualTo("Unknown DeploymentPaused: Deployment is paused"));
        namespace.kubectl("rollout", "resume", "deployment/resumed");
        await(() ->
                assertThat(deployments.condition("resumed", "Progressing"))
                        .isEqualTo("Unknown DeploymentResumed: Deployment is resumed"));
        namespace
                .pods("app", "resumed")
                .forEach(pod ->
                        namespace.annotate(pod.getMetadata().getName(), "played/ready", "true"));
        deployments.awaitComplete("resumed");
    }

    @Test
    void givesItsReplicaSetItsAnnotationsAndItsHistory() {
        deployments.create("history", "replicas: 1");
        deployments.awaitComplete("history");
        namespace.kubectl(
                "annotate", "deployment/history", "kubernetes.io/change-cause=the first one");
        await(() ->
                assertThat(deployments.replicaSet("first").getMetadata().getAnnotations())
                        .containsEntry("kubernetes.io/change-cause", "the first one"));
        deployments.setImage("history", "second");
        deployments.awaitComplete("history");
        namespace.kubectl(
                "annotate",
                "--overwrite",
                "deployment/history",
                "kubernetes.io/change-cause=the second one");
        await(() ->
                assertThat(namespace.kubectl("rollout", "history", "deployment/history"))
                        .containsPattern("1 +the first one\n2 +the second one"));
        namespace.kubectl("rollout", "undo", "deployment/history");
        deployments.awaitComplete("history");
        await(() -> {
            assertThat(deployments.replicaSet("first").getMetadata().getAnnotations())
                    .containsEntry("deployment.kubernetes.io/revision", "3")
                    .containsEntry("deployment.kubernetes.io/revision-history", "1");
            assertThat(namespace.kubectl("rollout", "history", "deployment/history"))
                    .containsPattern("2 +the second one\n3 +the first one");
        });
        assertThat(deployments.named("history").get().getMetadata().getAnnotations())
                .containsEntry("deployment.kubernetes.io/revision", "3")
                .doesNotContainKey("deployment.kubernetes.io/revision-history");
    }

    @Test
    void saysWhenARolloutIsStuck() {
        deployments.create("stuck", "replicas: 1", "progressDeadlineSeconds: 1");
        deployments.awaitComplete("stuck");
        deployments.patch("stuck", NEVER_READY.formatted("second"));
        await(() ->
                assertThat(deployments.condition("stuck", "Progressing"))
                        .startsWith("False ProgressDeadlineExceeded: ReplicaSet \"stuck-")
                        .endsWith("\" has timed out progressing."));
        assertThat(
                        PlayedCluster.shared()
                                .server()
                                .kubectl(
                                        "-n",
                                        namespace.name(),
                                        "rollout",
                                        "status",
                                        "deployment/stuck")
                                .output())
                .contains("error: deployment \"stuck\" exceeded its progress deadline");
        // and a pause does not hide it
        namespace.kubectl("rollout", "pause", "deployment/stuck");
        await(() -> {
            var now = deployments.named("stuck").get();
            assertThat(now.getStatus().getObservedGeneration())
                    .isEqualTo(now.getMetadata().getGeneration());
        });
        assertThat(deployments.condition("stuck", "Progressing"))
                .startsWith("False ProgressDeadlineExceeded");
        namespace.kubectl("rollout", "resume", "deployment/stuck");
        namespace.kubectl("rollout", "undo", "deployment/stuck");
        deployments.awaitComplete("stuck");
    }

    @Test
    void staysCompleteWhenAPodFailsLater() {
        deployments.create("sick", "replicas: 1", "progressDeadlineSeconds: 1");
        deployments.awaitComplete("sick");
        String pod = namespace.pods("app", "sick").getFirst().getMetadata().getName();
        try (var log =
                WatchLog.of(
                        namespace.client().apps().deployments().inNamespace(namespace.name()))) {
            namespace.annotate(pod, "played/ready", "false");
            await(() ->
                    assertThat(deployments.condition("sick", "Available"))
                            .isEqualTo(
                                    "False MinimumReplicasUnavailable: Deployment does not have"
                                            + " minimum availability."));
            namespace.annotate(pod, "played/ready", "true");
            deployments.awaitComplete("sick");
            assertThat(log.modified(d -> PlayedDeployments.condition(d, "Progressing")))
                    .isNotEmpty()
                    .allSatisfy(said -> assertThat(said).startsWith("True NewReplicaSetAvailable"));
        }
    }

    @Test
    void tellsOfAQuotaThatItsPodsExceed() {
        var _ =
                namespace.create(
                        ResourceQuota.class,
                        """
                        apiVersion: v1
                        kind: ResourceQuota
                        metadata: {name: narrow}
                        spec: {hard: {pods: "1"}}
                        """);
        await(() ->
                assertThat(
                                namespace
                                        .client()
                                        .resourceQuotas()
                                        .inNamespace(namespace.name())
                                        .withName("narrow")
                                        .get()
                                        .getStatus()
                                        .getHard())
                        .containsKey("pods"));
        deployments.create("wide", "replicas: 2");
        await(() ->
                assertThat(deployments.condition("wide", "ReplicaFailure"))
                        .matches(
                                "True FailedCreate: pods \"wide-.*\" is forbidden: exceeded quota:"
                                        + " narrow, requested: pods=1, used: pods=1, limited:"
                                        + " pods=1"));
        namespace.kubectl("scale", "deployment/wide", "--replicas=1");
        await(() -> assertThat(deployments.condition("wide", "ReplicaFailure")).isEmpty());
        deployments.awaitComplete("wide");
    }

    @Test
    void tellsOfAReplicaSetThatCannotBeMade() {
        deployments.create("refused", "replicas: 1");
        deployments.awaitComplete("refused");
        namespace.kubectl("create", "quota", "none", "--hard=count/replicasets.apps=1");
        await(() ->
                assertThat(
                                namespace
                                        .get(namespace.path("v1", "resourcequotas/none"))
                                        .at("/status/used/count~1replicasets.apps")
                                        .asString())
                        .isEqualTo("1"));
        deployments.setImage("refused", "second");
        await(() ->
                assertThat(deployments.condition("refused", "Progressing"))
                        .startsWith(
                                "False ReplicaSetCreateError: Failed to create new replica set"
                                        + " \"refused-")
                        .contains("forbidden: exceeded quota: none"));
        namespace.kubectl("delete", "quota", "none");
        deployments.awaitComplete("refused");
    }

    @Test
    void leavesItsReplicaSetsToTheNextOneOrToThemselves() {
        deployments.create("left", "replicas: 1");
        deployments.awaitComplete("left");
        ReplicaSet before = deployments.replicaSet("first");
        List<String> pods = uids();
        namespace.kubectl("delete", "deployment/left", "--cascade=orphan");
        await(() -> assertThat(controllers(deployments.replicaSet("first"))).isEmpty());
        deployments.create("left", "replicas: 1");
        deployments.awaitComplete("left");
        assertThat(deployments.replicaSets())
                .extracting(rs -> rs.getMetadata().getUid())
                .containsExactly(before.getMetadata().getUid());
        assertThat(uids()).isEqualTo(pods);
        // one that is no longer selected is let go, and another takes its place
        PlayedNamespace.change(
                namespace
                        .client()
                        .apps()
                        .replicaSets()
                        .inNamespace(namespace.name())
                        .withName(before.getMetadata().getName()),
                "labels",
                "app",
                "free");
        await(() ->
                assertThat(
                                namespace
                                        .client()
                                        .apps()
                                        .replicaSets()
                                        .inNamespace(namespace.name())
                                        .withLabel("app", "free")
                                        .list()
                                        .getItems())
                        .singleElement()
                        .satisfies(rs -> assertThat(controllers(rs)).isEmpty()));
    }

    private List<String> uids() {
        return namespace.pods("app", "left").stream()
                .map((Pod pod) -> pod.getMetadata().getUid())
                .toList();
    }

    @Test
    void keepsOldReplicaSetsUntilTheRolloutIsComplete() {
        deployments.create("kept", "replicas: 1", "revisionHistoryLimit: 1");
        deployments.awaitComplete("kept");
        for (String image : List.of("second", "third", "fourth")) {
            deployments.patch("kept", NEVER_READY.formatted(image));
            await(() ->
                    assertThat(deployments.replicaSet(image).getStatus().getReplicas())
                            .isEqualTo(1));
        }
        assertThat(deployments.replicaSets())
                .extracting(PlayedDeployments::image)
                .containsExactlyInAnyOrder("first", "second", "third", "fourth");
        namespace.kubectl("rollout", "undo", "deployment/kept", "--to-revision=1");
        deployments.awaitComplete("kept");
        await(() ->
                assertThat(deployments.replicaSets())
                        .extracting(PlayedDeployments::image)
                        .containsExactlyInAnyOrder("first", "fourth"));
    }

    @Test
    void replacesPodsThatAreNotReadyFirst() {
        deployments.create(
                "sifted",
                "replicas: 4",
                "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 2}}");
        deployments.awaitComplete("sifted");
        List<String> names =
                namespace.pods("app", "sifted").stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList();
        List<String> sick = names.subList(0, 2);
        sick.forEach(pod -> namespace.annotate(pod, "played/ready", "false"));
        await(() ->
                assertThat(deployments.named("sifted").get().getStatus().getAvailableReplicas())
                        .isEqualTo(2));
        deployments.patch("sifted", NEVER_READY.formatted("second"));
        await(() ->
                assertThat(deployments.replicaSet("second").getStatus().getReplicas())
                        .isEqualTo(2));
        assertThat(
                        namespace.pods("app", "sifted").stream()
                                .map(pod -> pod.getMetadata().getName())
                                .filter(names::contains)
                                .toList())
                .containsExactlyInAnyOrderElementsOf(names.subList(2, 4));
        assertThat(deployments.named("sifted").get().getStatus().getAvailableReplicas())
                .isEqualTo(2);
    }
}
