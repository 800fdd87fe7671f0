package dev.coracle.e2e;

import static dev.coracle.e2e.PlayedNamespace.MERGE;
import static dev.coracle.e2e.PlayedNamespace.STRATEGIC;
import static dev.coracle.e2e.PlayedNamespace.await;
import static dev.coracle.e2e.PlayedNamespace.controllers;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.Watcher.Action;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What Kubernetes' own tests ask of ReplicaSets and of ReplicationControllers. */
class ReplicasIT {

    private final PlayedNamespace namespace = new PlayedNamespace("replicas");

    /** The two kinds: they behave alike. */
    enum Kind {
        REPLICA_SET("apps/v1", "ReplicaSet", "replicasets", ReplicaSet.class, "{matchLabels: %s}"),
        REPLICATION_CONTROLLER(
                "v1",
                "ReplicationController",
                "replicationcontrollers",
                ReplicationController.class,
                "%s");

        private final String version;
        private final String kind;
        private final String plural;
        private final Class<? extends HasMetadata> type;
        private final String selector;

        Kind(
                String version,
                String kind,
                String plural,
                Class<? extends HasMetadata> type,
                String selector) {
            this.version = version;
            this.kind = kind;
            this.plural = plural;
            this.type = type;
            this.selector = selector;
        }

        String path(PlayedNamespace namespace, String rest) {
            return namespace.path(version, plural + rest);
        }
    }

    private HasMetadata create(Kind kind, String name, int replicas, String more) {
        return namespace.create(
                kind.type,
                """
                apiVersion: %1$s
                kind: %2$s
                metadata: {name: %3$s, labels: {test: %3$s}}
                spec:
                  replicas: %4$d
                  selector: %5$s
                  template:
                    metadata: {labels: {name: %3$s, pod: template}}
                    spec: {containers: [{name: main, image: first}]}
                  %6$s
                """
                        .formatted(
                                kind.version,
                                kind.kind,
                                name,
                                replicas,
                                kind.selector.formatted("{name: " + name + "}"),
                                more));
    }

    private JsonNode status(Kind kind, String name) {
        return namespace.get(kind.path(namespace, "/" + name)).path("status");
    }

    private void awaitAvailable(Kind kind, String name, int replicas) {
        await(() -> {
            JsonNode now = namespace.get(kind.path(namespace, "/" + name));
            assertThat(now.at("/status/observedGeneration").asLong())
                    .isEqualTo(now.at("/metadata/generation").asLong());
            for (String count :
                    List.of(
                            "replicas",
                            "fullyLabeledReplicas",
                            "readyReplicas",
                            "availableReplicas")) {
                assertThat(now.at("/status/" + count).asInt()).as(count).isEqualTo(replicas);
            }
        });
    }

    private Pod pod(String name) {
        return namespace.client().pods().inNamespace(namespace.name()).withName(name).get();
    }

    @ParameterizedTest
    @EnumSource
    void takesPodsThatMatchAndLetsGoThoseThatDoNot(Kind kind) {
        var _ =
                namespace.create(
                        Pod.class,
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: lonely, labels: {name: adopting}}
                        spec: {containers: [{name: main, image: first}]}
                        """);
        HasMetadata owner = create(kind, "adopting", 1, "");
        await(() -> assertThat(controllers(pod("lonely"))).containsExactly("adopting"));
        assertThat(pod("lonely").getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(reference -> {
                    assertThat(reference.getKind()).isEqualTo(kind.kind);
                    assertThat(reference.getApiVersion()).isEqualTo(kind.version);
                    assertThat(reference.getUid()).isEqualTo(owner.getMetadata().getUid());
                    assertThat(reference.getBlockOwnerDeletion()).isTrue();
                });
        await(() -> {
            assertThat(status(kind, "adopting").path("replicas").asInt()).isEqualTo(1);
            // the template has a label that the adopted pod lacks
            assertThat(status(kind, "adopting").path("fullyLabeledReplicas").asInt()).isZero();
        });
        assertThat(namespace.pods("name", "adopting")).hasSize(1);
        PlayedNamespace.change(
                namespace.client().pods().inNamespace(namespace.name()).withName("lonely"),
                "labels",
                "name",
                "free");
        await(() -> {
            assertThat(pod("lonely").getMetadata().getOwnerReferences()).isEmpty();
            assertThat(namespace.pods("name", "adopting")).hasSize(1);
        });
        awaitAvailable(kind, "adopting", 1);
        assertThat(namespace.events(owner))
                .singleElement()
                .asString()
                .matches("SuccessfulCreate: Created pod: adopting-.....");
    }

    @ParameterizedTest
    @EnumSource
    void servesItsScale(Kind kind) {
        HasMetadata owner = create(kind, "scaled", 1, "");
        awaitAvailable(kind, "scaled", 1);
        String path = kind.path(namespace, "/scaled/scale");
        JsonNode scale = namespace.get(path);
        assertThat(scale.path("apiVersion").asString()).isEqualTo("autoscaling/v1");
        assertThat(scale.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(scale.at("/status/selector").asString()).isEqualTo("name=scaled");
        String two =
                scale.toString()
                        .replaceFirst("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"\"")
                        .replaceFirst("\"spec\":\\{\"replicas\":1}", "\"spec\":{\"replicas\":2}");
        namespace.send("PUT", path, "application/json", two);
        awaitAvailable(kind, "scaled", 2);
        namespace.send("PATCH", path, STRATEGIC, "{\"spec\":{\"replicas\":4}}");
        awaitAvailable(kind, "scaled", 4);
        namespace.send("PATCH", path, MERGE, "{\"spec\":{\"replicas\":1}}");
        awaitAvailable(kind, "scaled", 1);
        await(() ->
                assertThat(namespace.events(owner))
                        .filteredOn(e -> e.startsWith("SuccessfulDelete: Deleted pod: scaled-"))
                        .hasSize(3));
    }

    @ParameterizedTest
    @EnumSource
    void isReplacedAndPatched(Kind kind) {
        create(kind, "patched", 1, "");
        awaitAvailable(kind, "patched", 1);
        String path = kind.path(namespace, "/patched");
        String read = namespace.get(path).toString();
        namespace.kubectl("scale", kind.plural + "/patched", "--replicas=2");
        awaitAvailable(kind, "patched", 2);
        assertThat(namespace.exchange("PUT", path, "application/json", read).statusCode())
                .isEqualTo(409);
        JsonNode patched =
                namespace.send(
                        "PATCH",
                        path,
                        STRATEGIC,
                        """
                        {"metadata":{"labels":{"test-rs":"patched"}},"spec":{"replicas":3,
                        "template":{"spec":{"terminationGracePeriodSeconds":0,
                        "containers":[{"name":"main","image":"second"}]}}}}
                        """);
        assertThat(patched.at("/metadata/labels/test-rs").asString()).isEqualTo("patched");
        awaitAvailable(kind, "patched", 3);
        // pods that are there stay as they are
        assertThat(namespace.pods("name", "patched"))
                .extracting(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .containsExactlyInAnyOrder("first", "first", "second");
    }

    @ParameterizedTest
    @EnumSource
    void isListedAndDeletedAsACollection(Kind kind) {
        create(kind, "one", 3, "");
        create(kind, "two", 1, "");
        awaitAvailable(kind, "one", 3);
        String everywhere = kind.version.contains("/") ? "/apis/" : "/api/";
        String query = "?labelSelector=test%3Done";
        JsonNode listed = namespace.get(everywhere + kind.version + "/" + kind.plural + query);
        assertThat(listed.path("items").valueStream())
                .extracting(item -> item.at("/metadata/namespace").asString())
                .contains(namespace.name());
        // pods of a ReplicationController stay unless the client says otherwise
        namespace.send(
                "DELETE",
                kind.path(namespace, query),
                "application/json",
                "{\"propagationPolicy\":\"Background\"}");
        await(() -> {
            assertThat(namespace.get(kind.path(namespace, query)).path("items").size()).isZero();
            assertThat(namespace.pods("name", "one")).isEmpty();
        });
        awaitAvailable(kind, "two", 1);
    }

    @ParameterizedTest
    @EnumSource
    void keepsConditionsThatOthersWriteIntoItsStatus(Kind kind) {
        create(kind, "told", 1, "");
        awaitAvailable(kind, "told", 1);
        String path = kind.path(namespace, "/told/status");
        JsonNode answered =
                namespace.send(
                        "PATCH",
                        path,
                        MERGE,
                        """
                        {"status":{"readyReplicas":0,"conditions":[{"type":"StatusUpdate",
                        "status":"True","reason":"E2E","message":"Set from e2e test"}]}}
                        """);
        assertThat(answered.at("/status/readyReplicas").asInt()).isZero();
        assertThat(answered.at("/spec/replicas").asInt()).isEqualTo(1);
        // the count is put right, the condition stays
        awaitAvailable(kind, "told", 1);
        String read = namespace.get(path).toString();
        assertThat(namespace.get(path).at("/status/conditions/0/reason").asString())
                .isEqualTo("E2E");
        namespace.send("PUT", path, "application/json", read.replace("E2E", "E2F"));
        assertThat(namespace.get(path).at("/status/conditions/0/reason").asString())
                .isEqualTo("E2F");
        assertThat(namespace.exchange("PUT", path, "application/json", read).statusCode())
                .isEqualTo(409);
        namespace.kubectl("scale", kind.plural + "/told", "--replicas=2");
        awaitAvailable(kind, "told", 2);
        assertThat(namespace.get(path).at("/status/conditions/0/type").asString())
                .isEqualTo("StatusUpdate");
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfAQuotaThatItsPodsExceed(Kind kind) {
        var _ =
                namespace.create(
                        ResourceQuota.class,
                        """
                        apiVersion: v1
                        kind: ResourceQuota
                        metadata: {name: condition-test}
                        spec: {hard: {pods: "2"}}
                        """);
        await(() ->
                assertThat(
                                namespace
                                        .get(namespace.path("v1", "resourcequotas/condition-test"))
                                        .at("/status/hard/pods")
                                        .asString())
                        .isEqualTo("2"));
        HasMetadata owner = create(kind, "condition-test", 3, "");
        await(() -> {
            JsonNode status = status(kind, "condition-test");
            assertThat(status.path("replicas").asInt()).isEqualTo(2);
            assertThat(status.at("/conditions/0/type").asString()).isEqualTo("ReplicaFailure");
            assertThat(status.at("/conditions/0/status").asString()).isEqualTo("True");
            assertThat(status.at("/conditions/0/reason").asString()).isEqualTo("FailedCreate");
            assertThat(status.at("/conditions/0/message").asString())
                    .matches(
                            "pods \"condition-test-.*\" is forbidden: exceeded quota:"
                                    + " condition-test, requested: pods=1, used: pods=2, limited:"
                                    + " pods=2");
        });
        // it is tried again with pauses, not at once because the status has changed
        assertThat(namespace.events(owner))
                .filteredOn(e -> e.startsWith("FailedCreate: Error creating: pods"))
                .hasSizeLessThan(12);
        namespace.kubectl("scale", kind.plural + "/condition-test", "--replicas=2");
        await(() -> assertThat(status(kind, "condition-test").path("conditions").size()).isZero());
        awaitAvailable(kind, "condition-test", 2);
    }

    @ParameterizedTest
    @EnumSource
    void countsPodsAsAvailableWhenTheyWereReadyForLongEnough(Kind kind) {
        create(kind, "slow", 1, "minReadySeconds: 2");
        await(() -> assertThat(status(kind, "slow").path("readyReplicas").asInt()).isEqualTo(1));
        assertThat(status(kind, "slow").path("availableReplicas").asInt()).isZero();
        awaitAvailable(kind, "slow", 1);
    }

    static Stream<Arguments> victims() {
        return Stream.of(Kind.values())
                .flatMap(kind ->
                        Stream.of("not ready", "cheap").map(why -> Arguments.of(kind, why)));
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.MethodSource("victims")
    void deletesThePodsFirstThatAreMissedLeast(Kind kind, String why) {
        create(kind, "shrunk", 3, "");
        awaitAvailable(kind, "shrunk", 3);
        String victim = namespace.pods("name", "shrunk").get(1).getMetadata().getName();
        if (why.equals("cheap")) {
            namespace.annotate(victim, "controller.kubernetes.io/pod-deletion-cost", "-5");
        } else {
            namespace.annotate(victim, "played/ready", "false");
            await(() ->
                    assertThat(status(kind, "shrunk").path("readyReplicas").asInt()).isEqualTo(2));
        }
        try (var log =
                WatchLog.of(
                        namespace
                                .client()
                                .pods()
                                .inNamespace(namespace.name())
                                .withLabel("name", "shrunk"))) {
            namespace.kubectl("scale", kind.plural + "/shrunk", "--replicas=2");
            await(() -> assertThat(log.names(Action.DELETED)).containsExactly(victim));
        }
    }

    @ParameterizedTest
    @EnumSource
    void replacesPodsThatHaveEndedOrGone(Kind kind) {
        create(kind, "steady", 2, "");
        awaitAvailable(kind, "steady", 2);
        List<Pod> pods = namespace.pods("name", "steady");
        String failed = pods.getFirst().getMetadata().getName();
        namespace.annotate(failed, "played/exit-code", "1");
        namespace.kubectl("delete", "pod", pods.getLast().getMetadata().getName());
        await(() -> {
            assertThat(pod(failed).getStatus().getPhase()).isEqualTo("Failed");
            assertThat(namespace.pods("name", "steady")).hasSize(3);
        });
        awaitAvailable(kind, "steady", 2);
    }
}
