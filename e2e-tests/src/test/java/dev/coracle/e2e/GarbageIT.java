package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.nameOf;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Garbage collection, with what Kubernetes' own tests of sig-api-machinery look at. */
class GarbageIT {

    private final NamespaceApi namespace = NamespaceApi.create("gc");

    private JsonNode controller(String name, int replicas, String annotation) {
        JsonNode made =
                namespace.create(
                        "replicationcontrollers",
                        """
                        apiVersion: v1
                        kind: ReplicationController
                        metadata: {name: %1$s}
                        spec:
                          replicas: %2$d
                          selector: {rc: %1$s}
                          template:
                            metadata: {labels: {rc: %1$s}, annotations: {%3$s}}
                            spec: {containers: [{name: c, image: x}]}
                        """
                                .formatted(name, replicas, annotation));
        Await.until(PATIENCE, () -> assertThat(pods(name)).hasSize(replicas));
        return made;
    }

    private List<JsonNode> pods(String controller) {
        return namespace.list("pods", "rc=" + controller);
    }

    private void deployment(String name) {
        namespace.create(
                "deployments",
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                """
                        .formatted(name));
        Await.until(
                PATIENCE,
                () -> assertThat(namespace.list("replicasets", "app=" + name)).hasSize(1));
        Await.until(PATIENCE, () -> assertThat(namespace.list("pods", "app=" + name)).hasSize(2));
    }

    @Test
    void deletesPodsWithTheirController() {
        JsonNode made = controller("with", 2, "");
        namespace.ok(
                "DELETE",
                namespace.path("replicationcontrollers") + "/with",
                "application/json",
                "{\"propagationPolicy\":\"Background\",\"preconditions\":{\"uid\":\"%s\"}}"
                        .formatted(text(made, "/metadata/uid")));
        Await.until(PATIENCE, () -> assertThat(pods("with")).isEmpty());
        assertThat(namespace.exists("replicationcontrollers", "with")).isFalse();
    }

    @Test
    void orphansPodsIfAsked() {
        for (String options :
                List.of(
                        "{\"propagationPolicy\":\"Orphan\"}",
                        "{\"orphanDependents\":true}",
                        "{}")) {
            // the last: what the first clients of this API were used to
            String name = "without" + Integer.toHexString(options.hashCode());
            controller(name, 2, "");
            namespace.ok(
                    "DELETE",
                    namespace.path("replicationcontrollers") + "/" + name,
                    "application/json",
                    options);
            namespace.awaitGone("replicationcontrollers", name);
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(pods(name))
                                    .hasSize(2)
                                    .allSatisfy(pod -> {
                                        assertThat(text(pod, "/metadata/ownerReferences"))
                                                .isEmpty();
                                        assertThat(text(pod, "/metadata/deletionTimestamp"))
                                                .isEmpty();
                                    }));
        }
    }

    @Test
    void deletesOrOrphansReplicaSetsOfADeployment() {
        deployment("down");
        namespace.delete("deployments", "down", "");
        Await.until(
                PATIENCE, () -> assertThat(namespace.list("replicasets", "app=down")).isEmpty());
        Await.until(PATIENCE, () -> assertThat(namespace.list("pods", "app=down")).isEmpty());

        deployment("left");
        namespace.delete("deployments", "left", "Orphan");
        namespace.awaitGone("deployments", "left");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.list("replicasets", "app=left"))
                                .singleElement()
                                .satisfies(set ->
                                        assertThat(text(set, "/metadata/ownerReferences"))
                                                .isEmpty()));
        assertThat(namespace.list("pods", "app=left"))
                .hasSize(2)
                .allSatisfy(pod ->
                        assertThat(text(pod, "/metadata/ownerReferences/0/kind"))
                                .isEqualTo("ReplicaSet"));
    }

    @Test
    void keepsAControllerUntilItsPodsAreGone() {
        controller("waits", 2, "played/stays: 'true'");
        namespace.delete("replicationcontrollers", "waits", "Foreground");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(pods("waits"))
                                .hasSize(2)
                                .allSatisfy(pod ->
                                        assertThat(text(pod, "/metadata/deletionTimestamp"))
                                                .isNotEmpty()));
        JsonNode waiting = namespace.get("replicationcontrollers", "waits");
        assertThat(text(waiting, "/metadata/finalizers")).isEqualTo("[\"foregroundDeletion\"]");
        assertThat(text(waiting, "/metadata/deletionTimestamp")).isNotEmpty();
        for (JsonNode pod : pods("waits")) {
            assertThat(namespace.exists("replicationcontrollers", "waits")).isTrue();
            namespace.merge(
                    "pods",
                    nameOf(pod),
                    "{\"metadata\":{\"annotations\":{\"played/stays\":null}}}");
        }
        namespace.awaitGone("replicationcontrollers", "waits");
        assertThat(pods("waits")).isEmpty();
    }

    @Test
    void keepsWhatHasAnotherOwner() {
        JsonNode stays = controller("stays", 0, "");
        controller("goes", 4, "");
        List<JsonNode> pods = pods("goes");
        for (JsonNode pod : pods.subList(0, 2)) {
            namespace.ok(
                    "PATCH",
                    namespace.path("pods") + "/" + nameOf(pod),
                    NamespaceApi.STRATEGIC,
                    """
                    {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ReplicationController",
                     "name":"stays","uid":"%s"}]}}
                    """
                            .formatted(text(stays, "/metadata/uid")));
        }
        namespace.delete("replicationcontrollers", "goes", "Foreground");
        namespace.awaitGone("replicationcontrollers", "goes");
        assertThat(pods("goes"))
                .extracting(NamespaceApi::nameOf)
                .containsExactlyInAnyOrder(nameOf(pods.getFirst()), nameOf(pods.get(1)));
        assertThat(pods("goes"))
                .allSatisfy(pod -> {
                    assertThat(text(pod, "/metadata/deletionTimestamp")).isEmpty();
                    assertThat(pod.at("/metadata/ownerReferences")).hasSize(1);
                    assertThat(text(pod, "/metadata/ownerReferences/0/name")).isEqualTo("stays");
                });
    }

    @Test
    void isNotHeldUpByACircle() {
        for (String name : List.of("pod1", "pod2", "pod3")) {
            namespace.create(
                    "pods",
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s}
                    spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                    """
                            .formatted(name));
        }
        own("pod1", "pod3");
        own("pod2", "pod1");
        own("pod3", "pod2");
        namespace.delete("pods", "pod1", "Foreground");
        for (String name : List.of("pod1", "pod2", "pod3")) {
            namespace.awaitGone("pods", name);
        }
    }

    private void own(String dependent, String owner) {
        namespace.merge(
                "pods",
                dependent,
                """
                {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"%s",
                 "uid":"%s","controller":true,"blockOwnerDeletion":true}]}}
                """
                        .formatted(owner, text(namespace.get("pods", owner), "/metadata/uid")));
    }

    @Test
    void deletesWhatNamesAnOwnerThatIsNot() {
        namespace.create(
                "configmaps",
                """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: lost
                  ownerReferences: [{apiVersion: v1, kind: Pod, name: none, uid: none}]
                """);
        namespace.awaitGone("configmaps", "lost");
    }
}
