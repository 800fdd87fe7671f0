package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.MERGE;
import static dev.coracle.e2e.PlayedNamespace.STRATEGIC;
import static dev.coracle.e2e.PlayedNamespace.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.Watcher.Action;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What Kubernetes' own tests ask of StatefulSets, as far as no process is needed. */
class StatefulSetsIT {

    private static final String PATCHED_IMAGE =
            "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"%s\"}]}}}}";

    private final PlayedNamespace namespace = new PlayedNamespace("statefulsets");

    private StatefulSet create(int replicas, String annotations, String... lines) {
        return namespace.create(
                StatefulSet.class,
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: ss, labels: {app: ss}}
                spec:
                  serviceName: test
                  replicas: %d
                  selector: {matchLabels: {app: ss}}
                  template:
                    metadata: {labels: {app: ss}, annotations: %s}
                    spec: {containers: [{name: main, image: first}]}
                  %s
                """
                        .formatted(replicas, annotations, String.join("\n  ", lines)));
    }

    private String path(String rest) {
        return namespace.path("apps/v1", "statefulsets/ss" + rest);
    }

    private JsonNode patch(String patch) {
        return namespace.send("PATCH", path(""), STRATEGIC, patch);
    }

    private JsonNode status() {
        return namespace.get(path("")).path("status");
    }

    private void awaitReady(int replicas) {
        await(() -> {
            JsonNode now = namespace.get(path(""));
            assertThat(now.at("/status/observedGeneration").asLong())
                    .isEqualTo(now.at("/metadata/generation").asLong());
            assertThat(now.at("/status/replicas").asInt()).isEqualTo(replicas);
            assertThat(now.at("/status/readyReplicas").asInt()).isEqualTo(replicas);
            assertThat(now.at("/status/availableReplicas").asInt()).isEqualTo(replicas);
        });
    }

    /** The rolling update is over. */
    private void awaitRolled(int replicas, Supplier<String> revision) {
        awaitReady(replicas);
        await(() -> {
            JsonNode status = status();
            assertThat(status.path("currentRevision").asString()).isEqualTo(revision.get());
            assertThat(status.path("updateRevision").asString()).isEqualTo(revision.get());
            assertThat(status.path("updatedReplicas").asInt()).isEqualTo(replicas);
            assertThat(status.path("currentReplicas").asInt()).isEqualTo(replicas);
        });
    }

    private void ready(int ordinal, boolean ready) {
        namespace.annotate("ss-" + ordinal, "played/ready", Boolean.toString(ready));
    }

    private List<String> names() {
        return namespace.pods("app", "ss").stream().map(p -> p.getMetadata().getName()).toList();
    }

    private Map<String, String> images() {
        return namespace.pods("app", "ss").stream()
                .collect(
                        Collectors.toMap(
                                p -> p.getMetadata().getName(),
                                p -> p.getSpec().getContainers().getFirst().getImage()));
    }

    private WatchLog<Pod> watchPods() {
        return WatchLog.of(
                namespace.client().pods().inNamespace(namespace.name()).withLabel("app", "ss"));
    }

    @Test
    void scalesInOrderAndHaltsWhileAPodIsUnhealthy() {
        try (var log = watchPods()) {
            StatefulSet set = create(1, "{played/ready: \"false\"}");
            await(() -> assertThat(status().path("replicas").asInt()).isEqualTo(1));
            namespace.kubectl("scale", "sts/ss", "--replicas=3");
            await(() -> assertThat(status().path("observedGeneration").asInt()).isEqualTo(2));
            assertThat(names()).containsExactly("ss-0");
            ready(0, true);
            await(() -> assertThat(names()).containsExactly("ss-0", "ss-1"));
            ready(1, true);
            await(() -> assertThat(names()).containsExactly("ss-0", "ss-1", "ss-2"));
            ready(2, true);
            awaitReady(3);
            assertThat(log.names(Action.ADDED)).containsExactly("ss-0", "ss-1", "ss-2");

            // unhealthy pods hold up the scaling down, too
            for (int i = 0; i < 3; i++) {
                ready(i, false);
            }
            await(() -> assertThat(status().path("readyReplicas").isMissingNode()).isTrue());
            namespace.kubectl("scale", "sts/ss", "--replicas=0");
            await(() -> assertThat(status().path("observedGeneration").asInt()).isEqualTo(3));
            assertThat(names()).containsExactly("ss-0", "ss-1", "ss-2");
            for (int i = 0; i < 3; i++) {
                ready(i, true);
            }
            await(() ->
                    assertThat(log.names(Action.DELETED)).containsExactly("ss-2", "ss-1", "ss-0"));
            assertThat(namespace.events(set))
                    .contains(
                            "SuccessfulCreate: create Pod ss-0 in StatefulSet ss successful",
                            "SuccessfulDelete: delete Pod ss-2 in StatefulSet ss successful");
        }
    }

    @Test
    void burstsEvenWithUnhealthyPods() {
        create(1, "{played/ready: \"false\"}", "podManagementPolicy: Parallel");
        await(() -> assertThat(names()).containsExactly("ss-0"));
        namespace.kubectl("scale", "sts/ss", "--replicas=3");
        await(() -> assertThat(names()).containsExactly("ss-0", "ss-1", "ss-2"));
        assertThat(status().path("readyReplicas").isMissingNode()).isTrue();
        for (int i = 0; i < 3; i++) {
            ready(i, true);
        }
        awaitReady(3);
        ready(0, false);
        await(() -> assertThat(status().path("readyReplicas").asInt()).isEqualTo(2));
        namespace.kubectl("scale", "sts/ss", "--replicas=0");
        await(() -> {
            assertThat(names()).isEmpty();
            assertThat(status().path("replicas").asInt()).isZero();
        });
    }

    @Test
    void rollsUpdatesFromTheLastToTheFirstAndBack() {
        create(3, "{}");
        awaitRolled(3, () -> status().path("updateRevision").asString());
        String first = status().path("currentRevision").asString();
        ready(1, false);
        await(() -> assertThat(status().path("readyReplicas").asInt()).isEqualTo(2));
        patch(PATCHED_IMAGE.formatted("second"));
        await(() -> assertThat(status().path("updateRevision").asString()).isNotEqualTo(first));
        assertThat(status().path("currentRevision").asString()).isEqualTo(first);
        // it waits for the pod that is not ready
        assertThat(images()).containsEntry("ss-2", "first");
        try (var log = watchPods()) {
            ready(1, true);
            String second = status().path("updateRevision").asString();
            awaitRolled(3, () -> second);
            assertThat(log.names(Action.DELETED)).containsExactly("ss-2", "ss-1", "ss-0");
            assertThat(images().values()).containsOnly("second");
            assertThat(namespace.pods("app", "ss"))
                    .allSatisfy(pod ->
                            assertThat(pod.getMetadata().getLabels())
                                    .containsEntry("controller-revision-hash", second));
        }
        try (var log = watchPods()) {
            patch(PATCHED_IMAGE.formatted("first"));
            awaitRolled(3, () -> first);
            assertThat(log.names(Action.DELETED)).containsExactly("ss-2", "ss-1", "ss-0");
            assertThat(images().values()).containsOnly("first");
        }
        assertThat(
                        namespace
                                .client()
                                .apps()
                                .controllerRevisions()
                                .inNamespace(namespace.name())
                                .withLabel("app", "ss")
                                .list()
                                .getItems())
                .extracting(revision -> revision.getRevision())
                .containsExactlyInAnyOrder(2L, 3L);
    }

    @Test
    void rollsCanariesAndPhases() {
        create(3, "{}", "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 3}}");
        awaitRolled(3, () -> status().path("updateRevision").asString());
        String first = status().path("currentRevision").asString();
        String partition = "{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":%d}}}}";
        patch(PATCHED_IMAGE.formatted("second"));
        await(() -> assertThat(status().path("updateRevision").asString()).isNotEqualTo(first));
        assertThat(images().values()).containsOnly("first");

        patch(partition.formatted(2));
        await(() -> {
            assertThat(images())
                    .isEqualTo(Map.of("ss-0", "first", "ss-1", "first", "ss-2", "second"));
            assertThat(status().path("updatedReplicas").asInt()).isEqualTo(1);
            assertThat(status().path("currentReplicas").asInt()).isEqualTo(2);
            assertThat(status().path("currentRevision").asString()).isEqualTo(first);
        });
        awaitReady(3);
        // pods that go come back as they were
        for (String pod : List.of("ss-0", "ss-2")) {
            String before =
                    namespace
                            .get(namespace.path("v1", "pods/" + pod))
                            .at("/metadata/uid")
                            .asString();
            namespace.kubectl("delete", "pod", pod, "--wait=false");
            await(() ->
                    assertThat(
                                    namespace
                                            .get(
                                                    namespace.path(
                                                            "v1", "pods?labelSelector=app%3Dss"))
                                            .path("items")
                                            .valueStream())
                            .extracting(p -> p.at("/metadata/uid").asString())
                            .hasSize(3)
                            .doesNotContain(before));
            awaitReady(3);
        }
        assertThat(images()).isEqualTo(Map.of("ss-0", "first", "ss-1", "first", "ss-2", "second"));
        for (int next : List.of(1, 0)) {
            patch(partition.formatted(next));
            await(() -> assertThat(images()).containsEntry("ss-" + next, "second"));
            awaitReady(3);
        }
        awaitRolled(3, () -> status().path("updateRevision").asString());
    }

    @Test
    void recreatesAPodThatWasEvicted() {
        create(1, "{}");
        awaitReady(1);
        Pod before = namespace.pods("app", "ss").getFirst();
        namespace.annotate("ss-0", "played/exit-code", "137");
        await(() ->
                assertThat(namespace.pods("app", "ss"))
                        .singleElement()
                        .satisfies(pod -> {
                            assertThat(pod.getMetadata().getUid())
                                    .isNotEqualTo(before.getMetadata().getUid());
                            assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
                        }));
        awaitReady(1);
    }

    @Test
    void servesItsScale() {
        create(1, "{}");
        awaitReady(1);
        JsonNode scale = namespace.get(path("/scale"));
        assertThat(scale.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(scale.at("/status/selector").asString()).isEqualTo("app=ss");
        namespace.send(
                "PUT",
                path("/scale"),
                "application/json",
                scale.toString()
                        .replaceFirst("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"\"")
                        .replaceFirst("\"spec\":\\{\"replicas\":1}", "\"spec\":{\"replicas\":2}"));
        assertThat(namespace.get(path("")).at("/spec/replicas").asInt()).isEqualTo(2);
        namespace.send("PATCH", path("/scale"), STRATEGIC, "{\"spec\":{\"replicas\":4}}");
        assertThat(namespace.get(path("")).at("/spec/replicas").asInt()).isEqualTo(4);
        awaitReady(4);
    }

    @Test
    void isListedPatchedAndDeletedAsACollection() {
        create(1, "{}");
        awaitReady(1);
        JsonNode patched =
                patch(
                        """
                        {"metadata":{"labels":{"test-ss":"patched"}},"spec":{"replicas":2,
                        "template":{"spec":{"terminationGracePeriodSeconds":0,
                        "containers":[{"name":"main","image":"second"}]}}}}
                        """);
        assertThat(patched.at("/metadata/labels/test-ss").asString()).isEqualTo("patched");
        awaitRolled(2, () -> status().path("updateRevision").asString());
        assertThat(images().values()).containsOnly("second");
        assertThat(
                        namespace
                                .get("/apis/apps/v1/statefulsets?labelSelector=test-ss%3Dpatched")
                                .path("items")
                                .valueStream())
                .extracting(item -> item.at("/metadata/namespace").asString())
                .containsExactly(namespace.name());
        String collection =
                namespace.path("apps/v1", "statefulsets?labelSelector=test-ss%3Dpatched");
        namespace.send("DELETE", collection, "application/json", "");
        await(() -> {
            assertThat(namespace.get(collection).path("items").size()).isZero();
            assertThat(names()).isEmpty();
        });
    }

    @Test
    void keepsConditionsThatOthersWriteIntoItsStatus() {
        create(1, "{}");
        awaitReady(1);
        namespace.send(
                "PATCH",
                path("/status"),
                MERGE,
                """
                {"status":{"readyReplicas":0,"conditions":[{"type":"StatusUpdate",
                "status":"True","reason":"E2E","message":"Set from e2e test"}]}}
                """);
        awaitReady(1);
        String read = namespace.get(path("/status")).toString();
        assertThat(status().at("/conditions/0/reason").asString()).isEqualTo("E2E");
        namespace.send("PUT", path("/status"), "application/json", read.replace("E2E", "E2F"));
        assertThat(
                        namespace
                                .exchange("PUT", path("/status"), "application/json", read)
                                .statusCode())
                .isEqualTo(409);
        namespace.kubectl("scale", "sts/ss", "--replicas=2");
        awaitReady(2);
        assertThat(status().at("/conditions/0/reason").asString()).isEqualTo("E2F");
    }

    @Test
    void replacesDeletedPodsOnlyWhenItsStrategySaysSo() {
        create(2, "{}", "updateStrategy: {type: OnDelete}", "ordinals: {start: 3}");
        awaitReady(2);
        String first = status().path("currentRevision").asString();
        patch(PATCHED_IMAGE.formatted("second"));
        await(() -> assertThat(status().path("updateRevision").asString()).isNotEqualTo(first));
        assertThat(images()).isEqualTo(Map.of("ss-3", "first", "ss-4", "first"));
        // kubectl could take the new one of the same name for the old one
        namespace.kubectl("delete", "pod", "ss-3", "--wait=false");
        await(() -> assertThat(images()).isEqualTo(Map.of("ss-3", "second", "ss-4", "first")));
        awaitReady(2);
        await(() -> assertThat(status().path("updatedReplicas").asInt()).isEqualTo(1));
        assertThat(status().path("currentRevision").asString()).isEqualTo(first);
    }
}
