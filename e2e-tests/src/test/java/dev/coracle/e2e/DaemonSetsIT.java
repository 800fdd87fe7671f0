package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.MERGE;
import static dev.coracle.e2e.PlayedNamespace.STRATEGIC;
import static dev.coracle.e2e.PlayedNamespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.Watcher.Action;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What Kubernetes' own tests ask of DaemonSets and their ControllerRevisions. */
class DaemonSetsIT {

    private final PlayedNamespace namespace = new PlayedNamespace("daemonsets");

    private DaemonSet create(String name, String podSpec, String... lines) {
        return namespace.create(
                DaemonSet.class,
                """
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: %1$s, labels: {daemon: %1$s}}
                spec:
                  selector: {matchLabels: {daemon: %1$s}}
                  template:
                    metadata: {labels: {daemon: %1$s}}
                    spec:
                      nodeSelector: {%2$s}
                      containers: [{name: main, image: first}]
                  %3$s
                """
                        .formatted(name, podSpec, String.join("\n  ", lines)));
    }

    private String path(String rest) {
        return namespace.path("apps/v1", "daemonsets/" + rest);
    }

    private JsonNode status(String name) {
        return namespace.get(path(name)).path("status");
    }

    /** Its pods are on so many nodes, available, of the newest template. */
    private void awaitRunning(String name, int nodes) {
        await(() -> {
            JsonNode now = namespace.get(path(name));
            JsonNode status = now.path("status");
            assertThat(status.path("observedGeneration").asLong())
                    .isEqualTo(now.at("/metadata/generation").asLong());
            for (String count :
                    List.of(
                            "desiredNumberScheduled",
                            "currentNumberScheduled",
                            "numberReady",
                            "numberAvailable",
                            "updatedNumberScheduled")) {
                assertThat(status.path(count).asInt()).as(count).isEqualTo(nodes);
            }
            assertThat(status.path("numberMisscheduled").asInt()).isZero();
            assertThat(status.path("numberUnavailable").isMissingNode()).isTrue();
            assertThat(pods(name)).hasSize(nodes);
        });
    }

    private List<Pod> pods(String name) {
        return namespace.pods("daemon", name);
    }

    private Map<String, String> uids(String name) {
        return pods(name).stream()
                .collect(
                        Collectors.toMap(
                                p -> p.getSpec().getNodeName(), p -> p.getMetadata().getUid()));
    }

    private void patch(String name, String image, String annotations) {
        namespace.send(
                "PATCH",
                path(name),
                STRATEGIC,
                """
                {"spec":{"template":{"metadata":{"annotations":%2$s},
                "spec":{"containers":[{"name":"main","image":"%1$s"}]}}}}
                """
                        .formatted(image, annotations));
    }

    private void label(String node, String key, String value) {
        PlayedNamespace.change(namespace.client().nodes().withName(node), "labels", key, value);
    }

    private List<ControllerRevision> revisions(String name) {
        return namespace
                .client()
                .apps()
                .controllerRevisions()
                .inNamespace(namespace.name())
                .withLabel("daemon", name)
                .list()
                .getItems();
    }

    @Test
    void runsOnEachNodeAndRevivesAPodThatWasDeleted() {
        create("simple", "");
        awaitRunning("simple", 3);
        assertThat(uids("simple")).containsOnlyKeys("played-1", "played-2", "played-3");
        Pod deleted = pods("simple").getFirst();
        namespace.kubectl("delete", "pod", deleted.getMetadata().getName(), "--wait=false");
        await(() ->
                assertThat(uids("simple"))
                        .containsOnlyKeys("played-1", "played-2", "played-3")
                        .doesNotContainValue(deleted.getMetadata().getUid()));
        awaitRunning("simple", 3);
        namespace.kubectl("delete", "ds", "simple");
        await(() -> assertThat(pods("simple")).isEmpty());
    }

    @Test
    void followsTheLabelsOfNodes() {
        String key = namespace.name();
        create("complex", "\"" + key + "\": blue");
        awaitRunning("complex", 0);
        label("played-2", key, "blue");
        awaitRunning("complex", 1);
        assertThat(uids("complex")).containsOnlyKeys("played-2");
        label("played-2", key, "green");
        awaitRunning("complex", 0);
        namespace.send(
                "PATCH",
                path("complex"),
                STRATEGIC,
                """
                {"spec":{"updateStrategy":{"type":"RollingUpdate"},
                "template":{"spec":{"nodeSelector":{"%s":"green"}}}}}
                """
                        .formatted(key));
        awaitRunning("complex", 1);
        label("played-2", key, "");
        awaitRunning("complex", 0);
    }

    @Test
    void replacesPodsThatHaveFailed() {
        DaemonSet set = create("retried", "");
        awaitRunning("retried", 3);
        Pod failed = pods("retried").getFirst();
        namespace.annotate(failed.getMetadata().getName(), "played/exit-code", "1");
        await(() ->
                assertThat(uids("retried"))
                        .containsOnlyKeys("played-1", "played-2", "played-3")
                        .doesNotContainValue(failed.getMetadata().getUid()));
        awaitRunning("retried", 3);
        assertThat(namespace.events(set))
                .contains(
                        "FailedDaemonPod: Found failed daemon pod %s/%s on node %s, will try to"
                                        .formatted(
                                                namespace.name(),
                                                failed.getMetadata().getName(),
                                                failed.getSpec().getNodeName())
                                + " kill it");
    }

    @Test
    void updatesOnePodAfterTheOther() {
        create("rolled", "");
        awaitRunning("rolled", 3);
        String hash =
                pods("rolled").getFirst().getMetadata().getLabels().get("controller-revision-hash");
        assertThat(revisions("rolled"))
                .singleElement()
                .satisfies(revision -> {
                    assertThat(revision.getMetadata().getName()).isEqualTo("rolled-" + hash);
                    assertThat(revision.getMetadata().getLabels())
                            .containsEntry("controller-revision-hash", hash);
                    assertThat(revision.getRevision()).isEqualTo(1);
                });
        try (var log =
                WatchLog.of(namespace.client().apps().daemonSets().inNamespace(namespace.name()))) {
            patch("rolled", "second", "{}");
            awaitRunning("rolled", 3);
            assertThat(pods("rolled"))
                    .allSatisfy(pod -> {
                        assertThat(pod.getSpec().getContainers().getFirst().getImage())
                                .isEqualTo("second");
                        assertThat(pod.getMetadata().getLabels().get("controller-revision-hash"))
                                .isNotEqualTo(hash);
                    });
            assertThat(log.modified(set -> set.getStatus().getNumberUnavailable()))
                    .isNotEmpty()
                    .allSatisfy(count -> assertThat(count == null ? 0 : count).isLessThan(2));
        }
        assertThat(revisions("rolled"))
                .extracting(ControllerRevision::getRevision)
                .containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void rollsBackWithoutNeedlessRestarts() {
        create("back", "");
        awaitRunning("back", 3);
        Map<String, String> before = uids("back");
        patch("back", "broken", "{\"played/ready\":\"false\"}");
        await(() -> {
            assertThat(status("back").path("updatedNumberScheduled").asInt()).isEqualTo(1);
            assertThat(status("back").path("numberUnavailable").asInt()).isEqualTo(1);
        });
        List<String> kept = uids("back").values().stream().filter(before::containsValue).toList();
        assertThat(kept).hasSize(2);
        namespace.kubectl("rollout", "undo", "ds/back");
        awaitRunning("back", 3);
        assertThat(uids("back").values()).containsAll(kept);
        assertThat(revisions("back"))
                .extracting(ControllerRevision::getRevision)
                .containsExactlyInAnyOrder(2L, 3L);
    }

    @Test
    void isListedAndDeletedAsACollection() {
        create("collected", "");
        awaitRunning("collected", 3);
        String query = "?labelSelector=daemon%3Dcollected";
        assertThat(namespace.get("/apis/apps/v1/daemonsets" + query).path("items").valueStream())
                .extracting(item -> item.at("/metadata/namespace").asString())
                .contains(namespace.name());
        String collection = namespace.path("apps/v1", "daemonsets" + query);
        namespace.send("DELETE", collection, "application/json", "");
        await(() -> {
            assertThat(namespace.get(collection).path("items").size()).isZero();
            assertThat(pods("collected")).isEmpty();
            assertThat(revisions("collected")).isEmpty();
        });
    }

    @Test
    void keepsConditionsThatOthersWriteIntoItsStatus() {
        create("told", "");
        awaitRunning("told", 3);
        String status = path("told/status");
        namespace.send(
                "PATCH",
                status,
                MERGE,
                """
                {"status":{"numberReady":0,"conditions":[{"type":"StatusUpdate",
                "status":"True","reason":"E2E","message":"Set from e2e test"}]}}
                """);
        awaitRunning("told", 3);
        String read = namespace.get(status).toString();
        assertThat(status("told").at("/conditions/0/reason").asString()).isEqualTo("E2E");
        namespace.send("PUT", status, "application/json", read.replace("E2E", "E2F"));
        assertThat(namespace.exchange("PUT", status, "application/json", read).statusCode())
                .isEqualTo(409);
        patch("told", "second", "{}");
        awaitRunning("told", 3);
        assertThat(status("told").at("/conditions/0/reason").asString()).isEqualTo("E2F");
    }

    @Test
    void keepsItsControllerRevisions() {
        DaemonSet set = create("revised", "");
        awaitRunning("revised", 3);
        assertThat(
                        namespace
                                .get(
                                        "/apis/apps/v1/controllerrevisions?labelSelector=daemon%3Drevised")
                                .path("items")
                                .size())
                .isEqualTo(1);
        ControllerRevision initial = revisions("revised").getFirst();
        assertThat(initial.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(
                        owner -> assertThat(owner.getUid()).isEqualTo(set.getMetadata().getUid()));
        String name = initial.getMetadata().getName();
        assertThat(
                        namespace
                                .send(
                                        "PATCH",
                                        namespace.path("apps/v1", "controllerrevisions/" + name),
                                        STRATEGIC,
                                        "{\"metadata\":{\"labels\":{\"%s\":\"patched\"}}}"
                                                .formatted(name))
                                .at("/metadata/labels/" + name)
                                .asString())
                .isEqualTo("patched");
        createTwin("revised", initial);
        assertThat(revisions("revised")).hasSize(2);
        var _ = namespace.client().resource(initial).delete();
        await(() -> assertThat(revisions("revised")).hasSize(1));
        namespace.kubectl("label", "controllerrevision", "revised-twin", "revised-twin=updated");
        namespace.send(
                "PATCH",
                path("revised"),
                STRATEGIC,
                "{\"spec\":{\"template\":{\"spec\":{\"terminationGracePeriodSeconds\":1}}}}");
        await(() -> assertThat(revisions("revised")).hasSize(2));
        namespace.send(
                "DELETE",
                namespace.path(
                        "apps/v1", "controllerrevisions?labelSelector=revised-twin%3Dupdated"),
                "application/json",
                "");
        await(() ->
                assertThat(revisions("revised"))
                        .extracting(ControllerRevision::getRevision)
                        .containsExactly(3L));
    }

    /** Another of the same template, as a client makes it. */
    private void createTwin(String name, ControllerRevision initial) {
        var _ =
                namespace
                        .client()
                        .resource(
                                new ControllerRevisionBuilder(initial)
                                        .withNewMetadata()
                                        .withName(name + "-twin")
                                        .withNamespace(namespace.name())
                                        .addToLabels("daemon", name)
                                        .addToLabels("controller-revision-hash", "twin")
                                        .withOwnerReferences(
                                                initial.getMetadata().getOwnerReferences())
                                        .endMetadata()
                                        .withRevision(initial.getRevision() + 1)
                                        .build())
                        .create();
    }

    @Test
    void keepsTheNewestOfTwoRevisionsOfATemplate() {
        create("twice", "");
        awaitRunning("twice", 3);
        Map<String, String> pods = uids("twice");
        createTwin("twice", revisions("twice").getFirst());
        namespace.kubectl("annotate", "ds/twice", "looked=at");
        await(() -> {
            assertThat(revisions("twice"))
                    .extracting(revision -> revision.getMetadata().getName())
                    .containsExactly("twice-twin");
            assertThat(pods("twice"))
                    .allSatisfy(pod ->
                            assertThat(pod.getMetadata().getLabels())
                                    .containsEntry("controller-revision-hash", "twin"));
        });
        awaitRunning("twice", 3);
        // no pod was replaced
        assertThat(uids("twice")).isEqualTo(pods);
    }

    @Test
    void surgesBeforeItRemovesWhenItMay() {
        create(
                "surging",
                "",
                "minReadySeconds: 1",
                "updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}");
        awaitRunning("surging", 3);
        try (var log =
                WatchLog.of(
                        namespace
                                .client()
                                .pods()
                                .inNamespace(namespace.name())
                                .withLabel("daemon", "surging"))) {
            patch("surging", "second", "{}");
            awaitRunning("surging", 3);
            List<Action> order =
                    log.entries().stream()
                            .filter(e ->
                                    e.action() == Action.DELETED
                                            || (e.action() == Action.ADDED
                                                    && e.object()
                                                            .getSpec()
                                                            .getContainers()
                                                            .getFirst()
                                                            .getImage()
                                                            .equals("second")))
                            .map(WatchLog.Entry::action)
                            .toList();
            assertThat(order.getFirst()).isEqualTo(Action.ADDED);
            assertThat(order).hasSize(6);
        }
    }
}
