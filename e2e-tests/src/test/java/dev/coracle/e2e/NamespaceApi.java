package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A namespace of the played cluster and the API's verbs in it, as plain JSON: what is written is
 * what the test says, and a refusal is not tried again. Resources are named by their plural.
 */
final class NamespaceApi {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final String MERGE = "application/merge-patch+json";
    static final String STRATEGIC = "application/strategic-merge-patch+json";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, String> GROUPS =
            Map.of(
                    "jobs", "/apis/batch/v1",
                    "cronjobs", "/apis/batch/v1",
                    "poddisruptionbudgets", "/apis/policy/v1",
                    "deployments", "/apis/apps/v1",
                    "replicasets", "/apis/apps/v1",
                    "statefulsets", "/apis/apps/v1",
                    "daemonsets", "/apis/apps/v1",
                    "priorityclasses", "/apis/scheduling.k8s.io/v1",
                    "endpointslices", "/apis/discovery.k8s.io/v1",
                    "horizontalpodautoscalers", "/apis/autoscaling/v2");

    private final ApiClient client;
    private final String name;

    private NamespaceApi(ApiClient client, String name) {
        this.client = client;
        this.name = name;
    }

    /** Makes one of the test's own. */
    static NamespaceApi create(String prefix) {
        try {
            NamespaceApi made =
                    new NamespaceApi(
                            PlayedCluster.shared().server().client(),
                            prefix + "-" + Long.toString(System.nanoTime(), 36));
            made.ok(
                    "POST",
                    "/api/v1/namespaces",
                    "application/yaml",
                    "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(made.name));
            made.awaitExists("serviceaccounts", "default");
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was answered. */
    record Answer(int code, JsonNode body) {

        String message() {
            return body.path("message").asString("");
        }

        String reason() {
            return body.path("reason").asString("");
        }
    }

    String name() {
        return name;
    }

    ApiClient client() {
        return client;
    }

    /** The path of a resource's objects in this namespace. */
    String path(String plural) {
        return GROUPS.getOrDefault(plural, "/api/v1") + "/namespaces/" + name + "/" + plural;
    }

    /** The path of a resource's objects in all namespaces. */
    static String everywhere(String plural) {
        return GROUPS.getOrDefault(plural, "/api/v1") + "/" + plural;
    }

    Answer send(String method, String path, String type, String body) {
        try {
            HttpResponse<String> response =
                    client.exchange(
                            method,
                            path,
                            Map.of("Content-Type", type),
                            body.getBytes(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body of a success. */
    JsonNode ok(String method, String path, String type, String body) {
        Answer answer = send(method, path, type, body);
        assertThat(answer.code() / 100).as("%s %s: %s", method, path, answer.body()).isEqualTo(2);
        return answer.body();
    }

    JsonNode create(String plural, String yaml) {
        return ok("POST", path(plural), "application/yaml", yaml);
    }

    Answer tryCreate(String plural, String yaml) {
        return send("POST", path(plural), "application/yaml", yaml);
    }

    JsonNode get(String plural, String object) {
        return ok("GET", path(plural) + "/" + object, "application/json", "");
    }

    boolean exists(String plural, String object) {
        return send("GET", path(plural) + "/" + object, "application/json", "").code() == 200;
    }

    List<JsonNode> list(String plural, String labelSelector) {
        return listAt(path(plural), labelSelector);
    }

    List<JsonNode> listAt(String path, String labelSelector) {
        return ok("GET", path + "?labelSelector=" + labelSelector, "application/json", "")
                .path("items")
                .valueStream()
                .toList();
    }

    JsonNode merge(String plural, String object, String json) {
        return ok("PATCH", path(plural) + "/" + object, MERGE, json);
    }

    JsonNode mergeStatus(String plural, String object, String json) {
        return ok("PATCH", path(plural) + "/" + object + "/status", MERGE, json);
    }

    /** Deletes with a propagation policy, or none. */
    void delete(String plural, String object, String propagation) {
        String options =
                propagation.isEmpty() ? "{}" : "{\"propagationPolicy\":\"" + propagation + "\"}";
        ok("DELETE", path(plural) + "/" + object, "application/json", options);
    }

    /** Evicts a pod. */
    Answer evict(String pod) {
        return send(
                "POST",
                path("pods") + "/" + pod + "/eviction",
                "application/yaml",
                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: %s}}".formatted(pod));
    }

    void awaitExists(String plural, String object) {
        Await.until(PATIENCE, () -> assertThat(exists(plural, object)).as(object).isTrue());
    }

    void awaitGone(String plural, String object) {
        Await.until(PATIENCE, () -> assertThat(exists(plural, object)).as(object).isFalse());
    }

    /** Waits until a field, by its JSON pointer, reads like {@code expected}; absent is empty. */
    void awaitField(String plural, String object, String pointer, String expected) {
        Await.until(
                PATIENCE,
                () -> {
                    JsonNode now = get(plural, object);
                    assertThat(text(now, pointer)).as("%s of %s", pointer, now).isEqualTo(expected);
                });
    }

    /** Waits for a condition of this type to be true for this reason. */
    void awaitCondition(String plural, String object, String type, String reason) {
        Await.until(
                PATIENCE,
                () -> {
                    JsonNode now = get(plural, object);
                    JsonNode condition = condition(now, type);
                    assertThat(text(condition, "/status") + " " + text(condition, "/reason"))
                            .as("%s of %s", type, now.path("status"))
                            .isEqualTo("True " + reason);
                });
    }

    /** Waits for an event about an object. */
    void awaitEvent(String object, String reason, String message) {
        Await.until(
                PATIENCE,
                () -> {
                    List<JsonNode> events =
                            ok(
                                            "GET",
                                            path("events")
                                                    + "?fieldSelector=involvedObject.name="
                                                    + object,
                                            "application/json",
                                            "")
                                    .path("items")
                                    .valueStream()
                                    .toList();
                    assertThat(events)
                            .anySatisfy(event -> {
                                assertThat(text(event, "/reason")).isEqualTo(reason);
                                assertThat(text(event, "/message")).contains(message);
                            });
                });
    }

    static JsonNode condition(JsonNode object, String type) {
        return object.path("status")
                .path("conditions")
                .valueStream()
                .filter(condition -> text(condition, "/type").equals(type))
                .findFirst()
                .orElseGet(JSON::createObjectNode);
    }

    /** The text of a scalar; of an object or a list its JSON; of what is absent nothing. */
    static String text(JsonNode node, String pointer) {
        JsonNode found = node.at(pointer);
        return found.isContainer() ? found.toString() : found.asString("");
    }

    static String nameOf(JsonNode object) {
        return text(object, "/metadata/name");
    }
}
