package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** DELETE of a collection: answered with what was deleted, as it was. */
class CollectionDeletionIT {

    private final NamespaceApi namespace = NamespaceApi.create("collection");
    private final String configMaps = namespace.path("configmaps");

    private void configMaps(String... names) {
        for (String name : names) {
            namespace.create(
                    "configmaps",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, labels: {of: test}}}"
                            .formatted(name));
        }
    }

    private JsonNode delete(String path, String options) {
        return namespace.ok("DELETE", path, "application/json", options);
    }

    private List<String> left() {
        return names(namespace.list("configmaps", "of=test"));
    }

    private static List<String> names(List<JsonNode> objects) {
        return objects.stream().map(NamespaceApi::nameOf).toList();
    }

    private static List<String> names(JsonNode list) {
        return names(list.path("items").valueStream().toList());
    }

    @Test
    void answersWithTheObjectsThatTheSelectorsSelected() {
        configMaps("a", "b", "c");
        String version = text(namespace.get("configmaps", "a"), "/metadata/resourceVersion");
        JsonNode list =
                delete(
                        configMaps + "?labelSelector=of%3Dtest&fieldSelector=metadata.name!%3Db",
                        "");
        assertThat(text(list, "/kind") + " " + text(list, "/apiVersion"))
                .isEqualTo("ConfigMapList v1");
        assertThat(names(list)).containsExactly("a", "c");
        assertThat(text(list, "/items/0/metadata/resourceVersion")).isEqualTo(version);
        assertThat(text(list, "/metadata/resourceVersion")).isNotEmpty();
        assertThat(text(list, "/metadata/continue")).isEmpty();
        assertThat(left()).containsExactly("b");
        assertThat(names(delete(configMaps + "?labelSelector=of%3Dnothing", "{}"))).isEmpty();
    }

    @Test
    void deletesAPageIfThereIsALimit() {
        configMaps("a", "b", "c");
        String path = configMaps + "?labelSelector=of%3Dtest&limit=2";
        JsonNode first = delete(path, "");
        assertThat(names(first)).containsExactly("a", "b");
        assertThat(left()).containsExactly("c");
        JsonNode second = delete(path + "&continue=" + text(first, "/metadata/continue"), "");
        assertThat(names(second)).containsExactly("c");
        assertThat(text(second, "/metadata/continue")).isEmpty();
        assertThat(left()).isEmpty();
    }

    @Test
    void deletesNothingInADryRun() {
        configMaps("a");
        String path = configMaps + "?labelSelector=of%3Dtest";
        assertThat(names(delete(path + "&dryRun=All", ""))).containsExactly("a");
        assertThat(names(delete(path, "{\"dryRun\":[\"All\"]}"))).containsExactly("a");
        assertThat(left()).containsExactly("a");
    }

    @Test
    void endsWithTheFirstThatCannotBeDeleted() {
        configMaps("a", "b");
        String uid = text(namespace.get("configmaps", "a"), "/metadata/uid");
        NamespaceApi.Answer answer =
                namespace.send(
                        "DELETE",
                        configMaps + "?labelSelector=of%3Dtest",
                        "application/json",
                        "{\"preconditions\":{\"uid\":\"%s\"}}".formatted(uid));
        assertThat(answer.code() + " " + answer.reason()).isEqualTo("409 Conflict");
        assertThat(answer.message()).contains("\"b\"", "Precondition failed: UID in precondition");
        assertThat(left()).containsExactly("b");
    }

    @Test
    void refusesOptionsThatMakeNoSense() {
        configMaps("a");
        for (String options :
                List.of(
                        "{\"propagationPolicy\":\"Never\"}",
                        "{\"propagationPolicy\":\"Orphan\",\"orphanDependents\":true}",
                        "{\"dryRun\":[\"Some\"]}")) {
            NamespaceApi.Answer answer =
                    namespace.send("DELETE", configMaps, "application/json", options);
            assertThat(answer.code()).as(options).isEqualTo(422);
            assertThat(answer.message()).startsWith("DeleteOptions.meta.k8s.io \"\" is invalid: ");
        }
        NamespaceApi.Answer answer =
                namespace.send(
                        "DELETE",
                        configMaps + "?resourceVersionMatch=Exact",
                        "application/json",
                        "");
        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.message()).startsWith("ListOptions.meta.k8s.io \"\" is invalid: ");
        assertThat(left()).containsExactly("a");
    }

    @Test
    void answersInTheFormThatIsAskedFor() throws IOException {
        configMaps("a");
        HttpResponse<String> answer =
                namespace
                        .client()
                        .exchange(
                                "DELETE",
                                configMaps + "?labelSelector=of%3Dtest",
                                Map.of("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"),
                                new byte[0]);
        JsonNode table = new JsonMapper().readTree(answer.body());
        assertThat(text(table, "/kind")).isEqualTo("Table");
        assertThat(text(table, "/rows/0/cells/0")).isEqualTo("a");
        configMaps("b");
        HttpResponse<String> refused =
                namespace
                        .client()
                        .exchange(
                                "DELETE",
                                configMaps + "?labelSelector=of%3Dtest",
                                Map.of("Accept", "text/plain"),
                                new byte[0]);
        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(left()).containsExactly("b");
    }

    @Test
    void answersWithPodsAsTheyWereBeforeTheyEnd() {
        namespace.create(
                "pods",
                """
                {apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {played/stays: "true"}},
                 spec: {containers: [{name: c, image: x}]}}
                """);
        // one without a node has nothing to end
        namespace.awaitField("pods", "p", "/status/phase", "Running");
        JsonNode list = delete(namespace.path("pods"), "");
        assertThat(text(list, "/kind")).isEqualTo("PodList");
        assertThat(names(list)).containsExactly("p");
        assertThat(text(list, "/items/0/metadata/deletionTimestamp")).isEmpty();
        assertThat(text(namespace.get("pods", "p"), "/metadata/deletionTimestamp")).isNotEmpty();
        namespace.merge("pods", "p", "{\"metadata\":{\"annotations\":{\"played/stays\":null}}}");
        namespace.awaitGone("pods", "p");
    }

    @Test
    void answersWithCustomResources() {
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
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                """
                        .formatted(group));
        String things = "/apis/" + group + "/v1/namespaces/" + namespace.name() + "/things";
        try {
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(namespace.send("GET", things, "application/json", "").code())
                                    .isEqualTo(200));
            namespace.ok(
                    "POST",
                    things,
                    "application/yaml",
                    "{apiVersion: %s/v1, kind: Thing, metadata: {name: one}}".formatted(group));
            JsonNode list = delete(things, "");
            assertThat(text(list, "/kind") + " " + text(list, "/apiVersion"))
                    .isEqualTo("ThingList " + group + "/v1");
            assertThat(names(list)).containsExactly("one");
            assertThat(namespace.listAt(things, "")).isEmpty();
        } finally {
            delete(definitions + "/things." + group, "{}");
        }
    }

    @Test
    void contentsKubectl() {
        configMaps("a", "b");
        Shell.Result answer =
                PlayedCluster.shared()
                        .server()
                        .kubectl("delete", "--raw", configMaps + "?labelSelector=of%3Dtest");
        assertThat(answer.orFail()).contains("\"kind\":\"ConfigMapList\"");
        assertThat(left()).isEmpty();
    }
}
