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
        namespace.awaitField(
                "replicationcontrollers", name, "/status/replicas", Integer.toString(replicas));
        assertThat(pods(name)).hasSize(replicas);
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

    /** A name and uid of another namespace mean nothing in this one. */
    @Test
    void tellsOfOwnersInOtherNamespaces() {
        NamespaceApi other = NamespaceApi.create("gc-other");
        JsonNode owner =
                other.create(
                        "configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: far}}");
        JsonNode near =
                namespace.create(
                        "configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: near}}");
        String reference = "{apiVersion: v1, kind: ConfigMap, name: %s, uid: %s}";
        String far = reference.formatted("far", text(owner, "/metadata/uid"));
        configMap("misled", "ownerReferences: [" + far + "]");
        configMap(
                "half",
                "ownerReferences: [%s, %s]"
                        .formatted(far, reference.formatted("near", text(near, "/metadata/uid"))));
        for (String name : List.of("misled", "half")) {
            namespace.awaitEvent(
                    name,
                    "OwnerRefInvalidNamespace",
                    "ownerRef [v1/ConfigMap, namespace: %1$s, name: far, uid: %2$s] does not exist in namespace \"%1$s\""
                            .formatted(namespace.name(), text(owner, "/metadata/uid")));
        }
        namespace.awaitGone("configmaps", "misled");
        namespace.awaitField("configmaps", "half", "/metadata/ownerReferences/1", "");
        assertThat(text(namespace.get("configmaps", "half"), "/metadata/ownerReferences/0/name"))
                .isEqualTo("near");
        assertThat(other.exists("configmaps", "far")).isTrue();
    }

    /** Kinds that came after the collector. */
    @Test
    void knowsCustomResources() {
        String group = namespace.name() + ".example.com";
        String definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        namespace.ok(
                "POST",
                definitions,
                "application/yaml",
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: things.%1$s}
                spec:
                  group: %1$s
                  scope: Namespaced
                  names: {plural: things, kind: Thing}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object}}
                """
                        .formatted(group));
        String things = "/apis/" + group + "/v1/namespaces/" + namespace.name() + "/things";
        try {
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(namespace.send("GET", things, "application/json", "").code())
                                    .isEqualTo(200));
            JsonNode owner = thing(things, group, "owner", "");
            thing(things, group, "dependent", owned(group, owner));
            configMap("of-thing", owned(group, owner));
            configMap(
                    "of-nothing",
                    "ownerReferences: [{apiVersion: %s/v1, kind: Thing, name: absent, uid: none}]"
                            .formatted(group));
            namespace.awaitGone("configmaps", "of-nothing");
            assertThat(namespace.exists("configmaps", "of-thing")).isTrue();
            namespace.ok("DELETE", things + "/owner", "application/json", "{}");
            namespace.awaitGone("configmaps", "of-thing");
            awaitNone(things + "/dependent");

            JsonNode other = thing(things, group, "other", "");
            configMap("kept", owned(group, other).replace("name: owner", "name: other"));
            namespace.ok(
                    "DELETE",
                    things + "/other",
                    "application/json",
                    "{\"propagationPolicy\":\"Orphan\"}");
            awaitNone(things + "/other");
            namespace.awaitField("configmaps", "kept", "/metadata/ownerReferences", "");

            JsonNode last = thing(things, group, "last", "");
            configMap("of-last", owned(group, last).replace("name: owner", "name: last"));
        } finally {
            namespace.ok("DELETE", definitions + "/things." + group, "application/json", "{}");
        }
        namespace.awaitGone("configmaps", "of-last");
    }

    private void awaitNone(String path) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.send("GET", path, "application/json", "").code())
                                .isEqualTo(404));
    }

    private JsonNode thing(String path, String group, String name, String owners) {
        return namespace.ok(
                "POST",
                path,
                "application/yaml",
                "{apiVersion: %s/v1, kind: Thing, metadata: {name: %s, %s}}"
                        .formatted(group, name, owners));
    }

    private void configMap(String name, String owners) {
        namespace.create(
                "configmaps",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, %s}}"
                        .formatted(name, owners));
    }

    private static String owned(String group, JsonNode owner) {
        return "ownerReferences: [{apiVersion: %s/v1, kind: Thing, name: owner, uid: %s}]"
                .formatted(group, text(owner, "/metadata/uid"));
    }
}
