package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.MERGE;
import static dev.coracle.e2e.PlayedNamespace.STRATEGIC;
import static dev.coracle.e2e.PlayedNamespace.await;
import static dev.coracle.e2e.PlayedNamespace.controllers;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.Watcher.Action;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What Kubernetes' own tests ask of Deployments, as far as no process is needed. */
class DeploymentsIT {

    private final PlayedNamespace namespace = new PlayedNamespace("deployments");
    private final PlayedDeployments deployments = new PlayedDeployments(namespace);

    @Test
    void servesTheScaleOfADeployment() {
        // a new one has a status, though an empty one
        assertThat(deployments.create("scaled", "replicas: 1").getStatus()).isNotNull();
        String scale = namespace.path("apps/v1", "deployments/scaled/scale");
        deployments.awaitComplete("scaled");
        JsonNode read = namespace.get(scale);
        assertThat(read.path("kind").asString()).isEqualTo("Scale");
        assertThat(read.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(read.at("/status/replicas").asInt()).isEqualTo(1);
        assertThat(read.at("/status/selector").asString()).isEqualTo("app=scaled");
        String two =
                read.toString()
                        .replaceFirst("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"\"")
                        .replaceFirst("\"spec\":\\{\"replicas\":1}", "\"spec\":{\"replicas\":2}");
        namespace.send("PUT", scale, "application/json", two);
        assertThat(deployments.named("scaled").get().getSpec().getReplicas()).isEqualTo(2);
        namespace.send("PATCH", scale, STRATEGIC, "{\"spec\":{\"replicas\":4}}");
        assertThat(deployments.named("scaled").get().getSpec().getReplicas()).isEqualTo(4);
        deployments.awaitComplete("scaled");
        // a finished rollout stays finished while it is scaled
        assertThat(deployments.replicaSets()).hasSize(1);
        assertThat(namespace.events(deployments.named("scaled").get()))
                .anyMatch(e -> e.matches("ScalingReplicaSet: Scaled up .* from 0 to 1"))
                .anyMatch(e -> e.matches("ScalingReplicaSet: Scaled up .* from \\d to 4"));
    }

    private static boolean isOf(Pod pod, String image) {
        return pod.getSpec().getContainers().getFirst().getImage().equals(image);
    }

    @Test
    void deletesAllOldPodsBeforeItRecreatesThem() {
        deployments.create("recreated", "replicas: 2", "strategy: {type: Recreate}");
        deployments.awaitComplete("recreated");
        List<Pod> old = namespace.pods("app", "recreated");
        old.forEach(pod -> namespace.annotate(pod.getMetadata().getName(), "played/stays", "yes"));
        try (var log =
                WatchLog.of(
                        namespace
                                .client()
                                .pods()
                                .inNamespace(namespace.name())
                                .withLabel("app", "recreated"))) {
            deployments.setImage("recreated", "second");
            await(() -> assertThat(namespace.pods("app", "recreated")).isEmpty());
            old.forEach(pod -> namespace.annotate(pod.getMetadata().getName(), "played/stays", ""));
            deployments.awaitComplete("recreated");
            List<Action> order =
                    log.entries().stream()
                            .filter(e ->
                                    e.action() == Action.DELETED
                                            || (e.action() == Action.ADDED
                                                    && isOf(e.object(), "second")))
                            .map(WatchLog.Entry::action)
                            .toList();
            assertThat(order)
                    .containsExactly(Action.DELETED, Action.DELETED, Action.ADDED, Action.ADDED);
        }
    }

    @Test
    void takesOverAReplicaSetAndRollsItsPods() {
        deployments.createReplicaSet(
                "older",
                "rolled",
                "{" + PlayedDeployments.REVISION + ": \"3546343826724305832\"}",
                1);
        await(() -> assertThat(namespace.pods("pod", "older")).hasSize(1));
        deployments.create("rolled", "replicas: 1");
        deployments.awaitComplete("rolled");
        assertThat(deployments.named("rolled").get().getMetadata().getAnnotations())
                .containsEntry(PlayedDeployments.REVISION, "3546343826724305833");
        ReplicaSet older = deployments.replicaSet("older");
        assertThat(controllers(older)).containsExactly("rolled");
        assertThat(older.getSpec().getReplicas()).isZero();
        ReplicaSet made = deployments.replicaSet("first");
        String hash = made.getMetadata().getLabels().get("pod-template-hash");
        assertThat(made.getMetadata().getName()).isEqualTo("rolled-" + hash);
        assertThat(made.getMetadata().getAnnotations())
                .containsEntry(PlayedDeployments.REVISION, "3546343826724305833")
                .containsEntry("deployment.kubernetes.io/desired-replicas", "1")
                .containsEntry("deployment.kubernetes.io/max-replicas", "2");
        assertThat(made.getSpec().getSelector().getMatchLabels())
                .containsEntry("pod-template-hash", hash);
    }

    @Test
    void deletesOldReplicaSetsBeyondTheHistory() {
        deployments.createReplicaSet("older", "cleaned", "{}", 1);
        await(() -> assertThat(namespace.pods("pod", "older")).hasSize(1));
        try (var log =
                WatchLog.of(
                        namespace
                                .client()
                                .pods()
                                .inNamespace(namespace.name())
                                .withLabel("app", "cleaned"))) {
            deployments.create("cleaned", "replicas: 1", "revisionHistoryLimit: 0");
            await(() ->
                    assertThat(deployments.replicaSets())
                            .extracting(PlayedDeployments::image)
                            .containsExactly("first"));
            assertThat(
                            log.names(Action.ADDED).stream()
                                    .filter(name -> name.startsWith("cleaned-"))
                                    .toList())
                    .hasSize(1);
        }
    }

    @Test
    void sharesNewReplicasInProportion() {
        deployments.create(
                "shared",
                "replicas: 10",
                "strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 2}}");
        deployments.awaitComplete("shared");
        deployments.patch(
                "shared",
                """
                {"spec":{"template":{"metadata":{"annotations":{"played/ready":"false"}},
                "spec":{"containers":[{"name":"main","image":"second"}]}}}}
                """);
        await(() -> {
            assertThat(deployments.replicaSet("first").getStatus().getAvailableReplicas())
                    .isEqualTo(8);
            assertThat(deployments.replicaSet("first").getSpec().getReplicas()).isEqualTo(8);
            assertThat(deployments.replicaSet("second").getSpec().getReplicas()).isEqualTo(5);
            assertThat(deployments.replicaSet("second").getStatus().getReplicas()).isEqualTo(5);
            assertThat(deployments.replicaSet("second").getStatus().getAvailableReplicas())
                    .isNull();
            var status = deployments.named("shared").get().getStatus();
            assertThat(status.getUpdatedReplicas()).isEqualTo(5);
            assertThat(status.getReplicas()).isEqualTo(13);
            assertThat(status.getAvailableReplicas()).isEqualTo(8);
            assertThat(status.getUnavailableReplicas()).isEqualTo(2);
        });
        var _ = deployments.named("shared").scale(30);
        await(() -> {
            assertThat(deployments.replicaSet("first").getSpec().getReplicas()).isEqualTo(20);
            assertThat(deployments.replicaSet("second").getSpec().getReplicas()).isEqualTo(13);
        });
    }

    @Test
    void rollsOverWhatIsStillRolling() {
        deployments.createReplicaSet("older", "over", "{}", 1);
        await(() -> assertThat(namespace.pods("pod", "older")).hasSize(1));
        deployments.createPlayed(
                "over",
                "{played/ready: \"false\"}",
                "replicas: 1",
                "minReadySeconds: 2",
                "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}");
        await(() ->
                assertThat(deployments.replicaSet("first").getStatus().getReplicas()).isEqualTo(1));
        await(() ->
                assertThat(deployments.condition("over", "Progressing"))
                        .startsWith("True ReplicaSetUpdated"));
        deployments.patch(
                "over",
                """
                {"spec":{"template":{"metadata":{"annotations":null},
                "spec":{"containers":[{"name":"main","image":"second"}]}}}}
                """);
        deployments.awaitComplete("over");
        assertThat(deployments.replicaSets())
                .filteredOn(rs -> !PlayedDeployments.image(rs).equals("second"))
                .hasSize(2)
                .allSatisfy(rs -> {
                    assertThat(rs.getSpec().getReplicas()).isZero();
                    assertThat(controllers(rs)).containsExactly("over");
                });
        assertThat(deployments.replicaSet("second").getSpec().getMinReadySeconds()).isEqualTo(2);
    }

    @Test
    void livesFromItsCreationToTheDeletionOfACollection() {
        deployments.create("lived", "replicas: 1");
        deployments.awaitComplete("lived");
        try (var log =
                WatchLog.of(
                        namespace.client().apps().deployments().inNamespace(namespace.name()))) {
            JsonNode patched =
                    deployments.patch(
                            "lived",
                            """
                            {"metadata":{"labels":{"patched":"yes"}},"spec":{"replicas":2,
                            "template":{"spec":{"terminationGracePeriodSeconds":0,
                            "containers":[{"name":"main","image":"patched"}]}}}}
                            """);
            assertThat(patched.at("/metadata/labels/patched").asString()).isEqualTo("yes");
            deployments.awaitComplete("lived");
            assertThat(
                            namespace
                                    .client()
                                    .apps()
                                    .deployments()
                                    .inAnyNamespace()
                                    .withLabel("patched", "yes")
                                    .list()
                                    .getItems())
                    .extracting(d -> d.getMetadata().getNamespace())
                    .containsExactly(namespace.name());
            String status = namespace.path("apps/v1", "deployments/lived/status");
            JsonNode zero =
                    namespace.send("PATCH", status, MERGE, "{\"status\":{\"readyReplicas\":0}}");
            assertThat(zero.at("/spec/replicas").asInt()).isEqualTo(2);
            await(() ->
                    assertThat(namespace.get(status).at("/status/readyReplicas").asInt())
                            .isEqualTo(2));
            deployments.setImage("lived", "third");
            deployments.awaitComplete("lived");
            assertThat(deployments.named("lived").get().getMetadata().getAnnotations())
                    .containsEntry(PlayedDeployments.REVISION, "3");
            namespace.send(
                    "DELETE",
                    namespace.path("apps/v1", "deployments?labelSelector=patched%3Dyes"),
                    "application/json",
                    "");
            await(() -> {
                assertThat(log.names(Action.DELETED)).containsExactly("lived");
                assertThat(deployments.replicaSets()).isEmpty();
                assertThat(namespace.pods("app", "lived")).isEmpty();
            });
        }
    }

    @Test
    void keepsConditionsThatOthersWriteIntoItsStatus() {
        deployments.create("told", "replicas: 1");
        deployments.awaitComplete("told");
        String status = namespace.path("apps/v1", "deployments/told/status");
        try (var log =
                WatchLog.of(
                        namespace.client().apps().deployments().inNamespace(namespace.name()))) {
            JsonNode told =
                    namespace.send(
                            "PATCH",
                            status,
                            STRATEGIC,
                            """
                            {"status":{"conditions":[{"type":"StatusUpdate","status":"True",
                            "reason":"E2E","message":"Set from e2e test"}]}}
                            """);
            assertThat(told.at("/status/conditions").size()).isEqualTo(3);
            await(() ->
                    assertThat(log.modified(d -> PlayedDeployments.condition(d, "StatusUpdate")))
                            .contains("True E2E: Set from e2e test"));
            namespace.kubectl("scale", "deployment/told", "--replicas=2");
            deployments.awaitComplete("told");
            assertThat(deployments.condition("told", "StatusUpdate"))
                    .isEqualTo("True E2E: Set from e2e test");
            namespace.send(
                    "PATCH",
                    status,
                    MERGE,
                    """
                    {"status":{"conditions":[{"type":"StatusPatched","status":"True"}]}}
                    """);
            await(() ->
                    assertThat(log.modified(d -> PlayedDeployments.condition(d, "StatusPatched")))
                            .contains("True null: null"));
            // what it knows itself comes back
            deployments.awaitComplete("told");
        }
    }
}
