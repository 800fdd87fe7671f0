package dev.coracle.e2e;

import static dev.coracle.e2e.NamespaceApi.PATIENCE;
import static dev.coracle.e2e.NamespaceApi.condition;
import static dev.coracle.e2e.NamespaceApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Namespaces and what is in every one, with what Kubernetes' own tests of sig-api-machinery and
 * sig-auth look at.
 */
class NamespacesIT {

    private static final JsonMapper JSON = new JsonMapper();

    private final NamespaceApi namespace = NamespaceApi.create("ns");
    private final String path = "/api/v1/namespaces/" + namespace.name();

    private JsonNode read() {
        return namespace.ok("GET", path, "application/json", "");
    }

    private JsonNode put(String target, ObjectNode object) {
        return namespace.ok("PUT", target, "application/json", object.toString());
    }

    @Test
    void takesPatchesUpdatesAndAStatus() {
        JsonNode patched =
                namespace.ok(
                        "PATCH",
                        path,
                        NamespaceApi.STRATEGIC,
                        "{\"metadata\":{\"labels\":{\"testLabel\":\"testValue\"}}}");
        assertThat(text(patched, "/metadata/labels/testLabel")).isEqualTo("testValue");
        assertThat(text(patched, "/metadata/labels/kubernetes.io~1metadata.name"))
                .isEqualTo(namespace.name());
        ObjectNode updated = (ObjectNode) read();
        ((ObjectNode) updated.at("/metadata/labels")).put("more", "updated");
        assertThat(text(put(path, updated), "/metadata/labels/more")).isEqualTo("updated");

        assertThat(text(read(), "/status/phase")).isEqualTo("Active");
        JsonNode status =
                namespace.ok(
                        "PATCH",
                        path + "/status",
                        NamespaceApi.MERGE,
                        """
                        {"metadata":{"annotations":{"patched":"yes"}},"status":{"conditions":[
                         {"type":"StatusPatch","status":"True","reason":"E2E","message":"m"}]}}
                        """);
        assertThat(text(status, "/metadata/annotations/patched")).isEqualTo("yes");
        assertThat(text(condition(status, "StatusPatch"), "/reason")).isEqualTo("E2E");
        ObjectNode more =
                (ObjectNode) namespace.ok("GET", path + "/status", "application/json", "");
        ((ArrayNode) more.at("/status/conditions"))
                .addObject()
                .put("type", "StatusUpdate")
                .put("status", "True")
                .put("message", "Updated");
        assertThat(put(path + "/status", more).at("/status/conditions")).hasSize(2);
    }

    @Test
    void takesAFinalizer() {
        ObjectNode held = (ObjectNode) read();
        assertThat(text(held, "/spec/finalizers")).isEqualTo("[\"kubernetes\"]");
        ((ArrayNode) held.at("/spec/finalizers")).add("e2e.example.com/fakeFinalizer");
        ObjectNode now = (ObjectNode) put(path + "/finalize", held);
        assertThat(text(now, "/spec/finalizers"))
                .isEqualTo("[\"kubernetes\",\"e2e.example.com/fakeFinalizer\"]");
        ((ArrayNode) now.at("/spec/finalizers")).remove(1);
        assertThat(text(put(path + "/finalize", now), "/spec/finalizers"))
                .isEqualTo("[\"kubernetes\"]");
    }

    @Test
    void takesPodsFirstAndSaysWhatHoldsIt() {
        NamespaceApi ending = NamespaceApi.create("ending");
        ending.create(
                "pods",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: held, finalizers: [e2e.example.com/finalizer]}
                spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
                """);
        ending.create(
                "configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}");
        ending.create(
                "services",
                "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}");
        String target = "/api/v1/namespaces/" + ending.name();
        ending.ok("DELETE", target, "application/json", "{}");
        Await.until(
                PATIENCE,
                () -> {
                    JsonNode now = ending.ok("GET", target, "application/json", "");
                    assertThat(text(now, "/status/phase")).isEqualTo("Terminating");
                    assertCondition(
                            now,
                            "NamespaceDeletionDiscoveryFailure",
                            "False ResourcesDiscovered All resources successfully discovered");
                    assertCondition(
                            now,
                            "NamespaceDeletionGroupVersionParsingFailure",
                            "False ParsedGroupVersions All legacy kube types successfully parsed");
                    assertCondition(
                            now,
                            "NamespaceDeletionContentFailure",
                            "False ContentDeleted All content successfully deleted, may be waiting"
                                    + " on finalization");
                    assertCondition(
                            now,
                            "NamespaceContentRemaining",
                            "True SomeResourcesRemain Some resources are remaining: pods. has 1"
                                    + " resource instances");
                    assertCondition(
                            now,
                            "NamespaceFinalizersRemaining",
                            "True SomeFinalizersRemain Some content in the namespace has finalizers"
                                    + " remaining: e2e.example.com/finalizer in 1 resource"
                                    + " instances");
                });
        assertThat(text(ending.get("pods", "held"), "/metadata/deletionTimestamp")).isNotEmpty();
        assertThat(text(ending.get("configmaps", "settings"), "/metadata/deletionTimestamp"))
                .isEmpty();
        assertThat(ending.exists("services", "web")).isTrue();
        NamespaceApi.Answer refused =
                ending.tryCreate(
                        "configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: late}}");
        assertThat(refused.code()).isEqualTo(403);
        assertThat(refused.message()).contains("because it is being terminated");
        assertThat(text(refused.body(), "/details/causes/0/reason"))
                .isEqualTo("NamespaceTerminating");
        ending.merge("pods", "held", "{\"metadata\":{\"finalizers\":null}}");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(ending.send("GET", target, "application/json", "").code())
                                .isEqualTo(404));
        ending.ok(
                "POST",
                "/api/v1/namespaces",
                "application/yaml",
                "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(ending.name()));
        assertThat(ending.list("pods", "")).isEmpty();
        assertThat(ending.list("services", "")).isEmpty();
    }

    @Test
    void takesWorkloadsAlong() {
        NamespaceApi ending = NamespaceApi.create("ending");
        String template =
                "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}], restartPolicy: %s}}";
        ending.create(
                "jobs",
                "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {completions: 9, parallelism: 2, %s}}"
                        .formatted(template.formatted("Never")));
        ending.create(
                "deployments",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 3, selector: {matchLabels: {a: b}}, %s}}"
                        .formatted(template.formatted("Always")));
        ending.create(
                "statefulsets",
                "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {serviceName: s, selector: {matchLabels: {a: b}}, %s}}"
                        .formatted(template.formatted("Always")));
        ending.awaitField("jobs", "j", "/status/ready", "2");
        ending.awaitField("deployments", "d", "/status/readyReplicas", "3");
        ending.awaitField("statefulsets", "s", "/status/readyReplicas", "1");
        String target = "/api/v1/namespaces/" + ending.name();
        ending.ok("DELETE", target, "application/json", "{}");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(ending.send("GET", target, "application/json", ""))
                                .satisfies(a ->
                                        assertThat(a.code())
                                                .as(a.body().toString())
                                                .isEqualTo(404)));
    }

    private static void assertCondition(JsonNode object, String type, String expected) {
        JsonNode found = condition(object, type);
        assertThat(
                        text(found, "/status")
                                + " "
                                + text(found, "/reason")
                                + " "
                                + text(found, "/message"))
                .isEqualTo(expected);
        assertThat(text(found, "/lastTransitionTime")).isNotEmpty();
    }

    @Test
    void restoresTheAuthority() {
        namespace.awaitExists("configmaps", "kube-root-ca.crt");
        JsonNode first = namespace.get("configmaps", "kube-root-ca.crt");
        assertThat(text(first, "/metadata/annotations/kubernetes.io~1description"))
                .startsWith("Contains a CA bundle that can be used to verify the kube-apiserver");
        String uid = text(first, "/metadata/uid");
        namespace.delete("configmaps", "kube-root-ca.crt", "");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        text(
                                                namespace.get("configmaps", "kube-root-ca.crt"),
                                                "/metadata/uid"))
                                .isNotEqualTo(uid));
        namespace.merge("configmaps", "kube-root-ca.crt", "{\"data\":{\"ca.crt\":\"\"}}");
        namespace.awaitField("configmaps", "kube-root-ca.crt", "/data", text(first, "/data"));
        String account = text(namespace.get("serviceaccounts", "default"), "/metadata/uid");
        namespace.delete("serviceaccounts", "default", "");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        text(
                                                namespace.get("serviceaccounts", "default"),
                                                "/metadata/uid"))
                                .isNotEqualTo(account));
    }

    @Test
    void servesServiceAccountsAndTheirTokens() {
        ApiOperations.of(namespace, "serviceaccounts")
                .check("apiVersion: v1\nkind: ServiceAccount\n", "");
        namespace.create(
                "serviceaccounts",
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}, automountServiceAccountToken: false}");
        JsonNode changed =
                namespace.merge("serviceaccounts", "a", "{\"automountServiceAccountToken\":true}");
        assertThat(text(changed, "/automountServiceAccountToken")).isEqualTo("true");
        JsonNode request =
                namespace.ok(
                        "POST",
                        namespace.path("serviceaccounts") + "/a/token",
                        "application/yaml",
                        "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {expirationSeconds: 600}}");
        assertThat(text(request, "/status/expirationTimestamp")).isNotEmpty();
        JsonNode review =
                namespace.ok(
                        "POST",
                        "/apis/authentication.k8s.io/v1/tokenreviews",
                        "application/json",
                        JSON.createObjectNode()
                                .put("apiVersion", "authentication.k8s.io/v1")
                                .put("kind", "TokenReview")
                                .set(
                                        "spec",
                                        JSON.createObjectNode()
                                                .put("token", text(request, "/status/token")))
                                .toString());
        assertThat(text(review, "/status/authenticated")).isEqualTo("true");
        assertThat(text(review, "/status/error")).isEmpty();
        assertThat(text(review, "/status/user/username"))
                .isEqualTo("system:serviceaccount:" + namespace.name() + ":a");
        assertThat(text(review, "/status/user/groups"))
                .contains(
                        "system:serviceaccounts",
                        "system:serviceaccounts:" + namespace.name(),
                        "system:authenticated");
    }

    @Test
    void servesEvents() {
        String core =
                """
                apiVersion: v1
                kind: Event
                involvedObject: {namespace: %s}
                reason: Test
                message: This is a test event
                type: Normal
                """
                        .formatted(namespace.name());
        ApiOperations.of(namespace, "events").check(core, "");
        String events = "/apis/events.k8s.io/v1";
        String newer =
                """
                apiVersion: events.k8s.io/v1
                kind: Event
                regarding: {namespace: %s}
                eventTime: "2026-01-01T00:00:00.000000Z"
                note: This is a test event
                action: Do
                reason: Test
                type: Normal
                reportingController: test-controller
                reportingInstance: test-node
                """
                        .formatted(namespace.name());
        NamespaceApi other = NamespaceApi.create("events");
        new ApiOperations(
                        other,
                        events + "/namespaces/" + other.name() + "/events",
                        events + "/events")
                .check(newer.replace(namespace.name(), other.name()), "");
        String target = events + "/namespaces/" + namespace.name() + "/events";
        namespace.ok("POST", target, "application/yaml", newer + "metadata: {name: series}\n");
        JsonNode series =
                namespace.ok(
                        "PATCH",
                        target + "/series",
                        NamespaceApi.STRATEGIC,
                        "{\"series\":{\"count\":2,\"lastObservedTime\":\"2026-01-01T00:00:01.000000Z\"}}");
        assertThat(text(series, "/series/count")).isEqualTo("2");
        assertThat(text(series, "/series/lastObservedTime"))
                .isEqualTo("2026-01-01T00:00:01.000000Z");
        JsonNode read = namespace.get("events", "series");
        assertThat(text(read, "/message")).isEqualTo("This is a test event");
        assertThat(text(read, "/reportingComponent")).isEqualTo("test-controller");
        assertThat(
                        namespace
                                .ok(
                                        "GET",
                                        namespace.path("events")
                                                + "?fieldSelector=reportingComponent=test-controller",
                                        "application/json",
                                        "")
                                .path("items"))
                .hasSize(1);
        assertThat(List.of(text(read, "/series/count"))).containsExactly("2");
    }
}
