package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.MERGE;
import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.NamespaceApi.Answer;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every verb of a resource, in the order in which Kubernetes' own tests of "API operations" use
 * them, while a watch from before looks on.
 */
final class ApiOperations {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> VERBS =
            List.of(
                    "create",
                    "delete",
                    "deletecollection",
                    "get",
                    "list",
                    "patch",
                    "update",
                    "watch");

    private final NamespaceApi namespace;
    private final String path;
    private final String everywhere;
    private final String label;

    /**
     * For one resource.
     *
     * @param path of its objects
     * @param everywhere of its objects in all namespaces
     */
    ApiOperations(NamespaceApi namespace, String path, String everywhere) {
        this.namespace = namespace;
        this.path = path;
        this.everywhere = everywhere;
        this.label = "run=" + namespace.name();
    }

    static ApiOperations of(NamespaceApi namespace, String plural) {
        return new ApiOperations(
                namespace, namespace.path(plural), NamespaceApi.everywhere(plural));
    }

    /**
     * Runs them.
     *
     * @param body an object without metadata
     * @param status a merge patch for the status, or empty if there is no such subresource
     */
    void check(String body, String status) {
        checkDiscovery(!status.isEmpty());
        WatchedObjects watched = WatchedObjects.follow(namespace, path, label);
        for (String name : List.of("one", "two", "three")) {
            create(body, name(name));
        }
        assertThat(namespace.listAt(path, label)).hasSize(3);
        assertThat(namespace.listAt(everywhere, label)).hasSize(3);
        String one = path + "/" + name("one");
        JsonNode first = get(one);
        patchAndUpdate(one, first);
        if (!status.isEmpty()) {
            checkStatus(one, text(first, "/metadata/uid"), status);
        }
        namespace.ok("DELETE", one, "application/json", background());
        Await.until(
                PATIENCE,
                () ->
                        assertThat(namespace.send("GET", one, "application/json", ""))
                                .satisfies(answer -> assertThat(answer.code()).isEqualTo(404))
                                .satisfies(a -> assertThat(a.reason()).isEqualTo("NotFound")));
        namespace.ok("DELETE", path + "?labelSelector=" + label, "application/json", background());
        Await.until(PATIENCE, () -> assertThat(namespace.listAt(path, label)).isEmpty());
        assertThat(namespace.listAt(everywhere, label)).isEmpty();
        watched.await("ADDED " + name("one"), object -> true);
        watched.await(
                "MODIFIED " + name("one"),
                object -> text(object, "/metadata/annotations/patched").equals("true"));
        watched.await(
                "MODIFIED " + name("one"),
                object -> text(object, "/metadata/annotations/updated").equals("true"));
        for (String name : List.of("one", "two", "three")) {
            watched.await("DELETED " + name(name), object -> true);
        }
    }

    private String name(String name) {
        return namespace.name() + "-" + name;
    }

    private static String background() {
        return "{\"propagationPolicy\":\"Background\"}";
    }

    private void create(String body, String name) {
        String metadata =
                "\nmetadata: {name: %s, labels: {run: %s}}\n".formatted(name, namespace.name());
        JsonNode made =
                namespace.ok("POST", path, "application/yaml", body.stripTrailing() + metadata);
        assertThat(text(made, "/metadata/uid")).isNotEmpty();
        assertThat(text(made, "/metadata/creationTimestamp")).isNotEmpty();
        Answer again =
                namespace.send("POST", path, "application/yaml", body.stripTrailing() + metadata);
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("AlreadyExists");
    }

    private JsonNode get(String object) {
        return namespace.ok("GET", object, "application/json", "");
    }

    private void checkDiscovery(boolean withStatus) {
        String version = everywhere.substring(0, everywhere.lastIndexOf('/'));
        String plural = everywhere.substring(everywhere.lastIndexOf('/') + 1);
        List<JsonNode> resources = get(version).path("resources").valueStream().toList();
        assertThat(resources)
                .anySatisfy(resource -> {
                    assertThat(text(resource, "/name")).isEqualTo(plural);
                    assertThat(strings(resource.path("verbs")))
                            .containsExactlyInAnyOrderElementsOf(VERBS);
                });
        if (withStatus) {
            assertThat(resources)
                    .anySatisfy(resource -> {
                        assertThat(text(resource, "/name")).isEqualTo(plural + "/status");
                        assertThat(strings(resource.path("verbs")))
                                .containsExactlyInAnyOrder("get", "patch", "update");
                    });
        }
    }

    private static List<String> strings(JsonNode list) {
        return list.valueStream().map(item -> item.asString("")).toList();
    }

    private void patchAndUpdate(String one, JsonNode first) {
        JsonNode patched =
                namespace.ok(
                        "PATCH",
                        one,
                        MERGE,
                        "{\"metadata\":{\"annotations\":{\"patched\":\"true\"}}}");
        assertThat(text(patched, "/metadata/annotations/patched")).isEqualTo("true");
        Answer stale = namespace.send("PUT", one, "application/json", annotated(first, "updated"));
        assertThat(stale.code()).isEqualTo(409);
        assertThat(stale.reason()).isEqualTo("Conflict");
        assertThat(stale.message())
                .contains(
                        "the object has been modified; please apply your changes to the latest"
                                + " version and try again");
        JsonNode updated = put(one, "updated");
        assertThat(text(updated, "/metadata/annotations/updated")).isEqualTo("true");
        assertThat(text(updated, "/metadata/annotations/patched")).isEqualTo("true");
    }

    private void checkStatus(String one, String uid, String status) {
        JsonNode wanted = JSON.readTree(status);
        JsonNode patched =
                namespace.ok(
                        "PATCH",
                        one + "/status",
                        MERGE,
                        "{\"metadata\":{\"annotations\":{\"patchedstatus\":\"true\"}},\"status\":%s}"
                                .formatted(status));
        assertThat(text(patched, "/metadata/annotations/patchedstatus")).isEqualTo("true");
        wanted.propertyStream()
                .forEach(field ->
                        assertThat(patched.path("status").path(field.getKey()))
                                .isEqualTo(field.getValue()));
        JsonNode replaced = put(one + "/status", "replacedstatus");
        assertThat(text(replaced, "/metadata/annotations/replacedstatus")).isEqualTo("true");
        assertThat(text(get(one + "/status"), "/metadata/uid")).isEqualTo(uid);
    }

    /** Reads, annotates and writes until nobody else wrote between. */
    private JsonNode put(String target, String annotation) {
        JsonNode[] result = new JsonNode[1];
        Await.until(
                PATIENCE,
                () -> {
                    Answer answer =
                            namespace.send(
                                    "PUT",
                                    target,
                                    "application/json",
                                    annotated(get(target), annotation));
                    assertThat(answer.code()).as(answer.body().toString()).isEqualTo(200);
                    result[0] = answer.body();
                });
        return result[0];
    }

    private static String annotated(JsonNode object, String annotation) {
        ObjectNode copy = (ObjectNode) object.deepCopy();
        ((ObjectNode) copy.path("metadata"))
                .withObjectProperty("annotations")
                .put(annotation, "true");
        return copy.toString();
    }
}
