package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who may do what, evictions, pages of lists, health and metrics, by kubectl 1.32. */
class AccessControlIT {

    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer server = ApiServer.shared();

    private String kubectl(String... arguments) {
        return server.kubectl(arguments).orFail();
    }

    private void apply(String yaml) throws IOException {
        Path file = Files.createTempFile(server.data(), "manifest", ".yaml");
        Files.writeString(file, yaml);
        kubectl("apply", "-f", file.toString());
    }

    /** kubectl with this token and nothing else. */
    private Shell.Result asBearer(String token, String... arguments) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--server=https://127.0.0.1:" + server.port(),
                                "--certificate-authority=" + server.data().resolve("pki/ca.crt"),
                                "--token=" + token));
        all.addAll(List.of(arguments));
        return Kubectl.run(Path.of("/dev/null"), all.toArray(String[]::new));
    }

    private void letReadPods(String namespace) {
        kubectl("-n", namespace, "create", "role", "reader", "--verb=get,list", "--resource=pods");
        kubectl(
                "-n",
                namespace,
                "create",
                "rolebinding",
                "reader",
                "--role=reader",
                "--serviceaccount=" + namespace + ":default");
    }

    private static String pod(String namespace) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: %s, labels: {app: web}}
        spec: {containers: [{name: c, image: coracle/echo}]}
        """
                .formatted(namespace);
    }

    @Test
    void aTokenMayDoWhatABindingSaysAndNothingElse() {
        String namespace = server.newNamespace("token");
        String account = "system:serviceaccount:" + namespace + ":default";
        letReadPods(namespace);
        String token = kubectl("-n", namespace, "create", "token", "default").strip();

        assertThat(asBearer(token, "auth", "whoami").orFail())
                .contains(account)
                .contains("system:serviceaccounts:" + namespace);
        assertThat(asBearer(token, "-n", namespace, "get", "pods").orFail())
                .contains("No resources found");
        assertThat(asBearer(token, "-n", namespace, "get", "secrets").output())
                .contains(
                        "Error from server (Forbidden): secrets is forbidden: User \""
                                + account
                                + "\" cannot list resource \"secrets\" in API group \"\" in the"
                                + " namespace \""
                                + namespace
                                + "\"");
        assertThat(asBearer(token, "get", "nodes").output())
                .contains("cannot list resource \"nodes\" in API group \"\" at the cluster scope");
        assertThat(asBearer(token, "get", "--raw", "/metrics").output())
                .contains("User \"" + account + "\" cannot get path \"/metrics\"");
    }

    @Test
    void aSecretGetsATokenThatEndsWithIt() throws IOException {
        String namespace = server.newNamespace("secret");
        String secret =
                """
                apiVersion: v1
                kind: Secret
                metadata:
                  name: %s
                  namespace: %s
                  annotations: {kubernetes.io/service-account.name: %s}
                type: kubernetes.io/service-account-token
                """;
        kubectl("-n", namespace, "create", "serviceaccount", "robot");
        apply(secret.formatted("robot-token", namespace, "robot"));
        String template = "{{.data.token | base64decode}} {{.data.namespace | base64decode}}";
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(get(namespace, "secret/robot-token", template))
                                .startsWith("ey")
                                .endsWith(" " + namespace));
        String token = get(namespace, "secret/robot-token", "{{.data.token | base64decode}}");
        assertThat(
                        get(
                                namespace,
                                "secret/robot-token",
                                "{{index .data \"ca.crt\" | base64decode}}"))
                .startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(asBearer(token, "auth", "whoami").orFail())
                .contains("system:serviceaccount:" + namespace + ":robot");

        kubectl("-n", namespace, "delete", "serviceaccount", "robot");
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(kubectl("-n", namespace, "get", "secrets", "-o", "name"))
                                .isEmpty());
        assertThat(asBearer(token, "auth", "whoami").output()).contains("Unauthorized");

        apply(secret.formatted("nobodys", namespace, "nobody"));
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(kubectl("-n", namespace, "get", "secrets", "-o", "name"))
                                .isEmpty());
    }

    private String get(String namespace, String object, String template) {
        return kubectl("-n", namespace, "get", object, "-o", "go-template=" + template);
    }

    @Test
    void anAdministratorActsAsSomeoneElse() {
        String namespace = server.newNamespace("as");
        letReadPods(namespace);
        String account = "system:serviceaccount:" + namespace + ":default";

        assertThat(server.kubectl("-n", namespace, "get", "pods", "--as=jane").output())
                .contains("User \"jane\" cannot list resource \"pods\"");
        assertThat(kubectl("-n", namespace, "get", "pods", "--as=" + account))
                .contains("No resources found");
        assertThat(kubectl("get", "nodes", "--as=jane", "--as-group=system:masters")).isNotNull();
        assertThat(kubectl("-n", namespace, "auth", "can-i", "--list", "--as=" + account))
                .containsPattern("pods +\\[] +\\[] +\\[get list]");
        assertThat(server.kubectl("-n", namespace, "auth", "can-i", "delete", "pods", "--as=x"))
                .extracting(Shell.Result::exitCode)
                .isEqualTo(1);
    }

    @Test
    void nobodyGivesWhatHeDoesNotHave() {
        String namespace = server.newNamespace("grant");
        kubectl(
                "-n",
                namespace,
                "create",
                "role",
                "granter",
                "--verb=create",
                "--resource=roles,rolebindings");
        kubectl("-n", namespace, "create", "rolebinding", "g", "--role=granter", "--user=jane");

        assertThat(
                        server.kubectl(
                                        "-n",
                                        namespace,
                                        "create",
                                        "role",
                                        "more",
                                        "--verb=get",
                                        "--resource=secrets",
                                        "--as=jane")
                                .output())
                .contains("roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"jane\"")
                .contains("is attempting to grant RBAC permissions not currently held:")
                .contains("{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}");
        assertThat(
                        server.kubectl(
                                        "-n",
                                        namespace,
                                        "create",
                                        "rolebinding",
                                        "more",
                                        "--clusterrole=cluster-admin",
                                        "--user=jane",
                                        "--as=jane")
                                .output())
                .contains("is attempting to grant RBAC permissions not currently held:");
        kubectl(
                "-n",
                namespace,
                "create",
                "rolebinding",
                "same",
                "--role=granter",
                "--user=joe",
                "--as=jane");
    }

    @Test
    void aTokenDiesWithItsPod() throws IOException {
        String namespace = server.newNamespace("bound");
        apply(pod(namespace));
        String token =
                kubectl(
                                "-n",
                                namespace,
                                "create",
                                "token",
                                "default",
                                "--bound-object-kind=Pod",
                                "--bound-object-name=p")
                        .strip();
        assertThat(asBearer(token, "auth", "whoami").orFail())
                .contains("authentication.kubernetes.io/pod-name");

        kubectl("-n", namespace, "delete", "pod", "p", "--now");

        assertThat(asBearer(token, "auth", "whoami").output()).contains("Unauthorized");
    }

    @Test
    void anEvictionRespectsTheBudget() throws IOException {
        String namespace = server.newNamespace("evict");
        apply(pod(namespace));
        apply(
                """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: web, namespace: %s}
                spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
                """
                        .formatted(namespace));
        patchStatus(
                namespace,
                "pod",
                "p",
                "{\"status\":{\"phase\":\"Running\",\"conditions\":"
                        + "[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
        awaitBudget(namespace, "{.status.currentHealthy}=1");

        HttpResponse<String> refused = evict(namespace);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body())
                .contains("Cannot evict pod as it would violate the pod's disruption budget.")
                .contains("\"reason\":\"DisruptionBudget\"")
                .contains("The disruption budget web needs 1 healthy pods and has 1 currently");

        kubectl("-n", namespace, "patch", "pdb", "web", "-p", "{\"spec\":{\"minAvailable\":0}}");
        awaitBudget(namespace, "{.status.disruptionsAllowed}=1");
        assertThat(evict(namespace).statusCode()).isEqualTo(201);
        assertThat(
                        kubectl(
                                "-n",
                                namespace,
                                "get",
                                "pdb",
                                "web",
                                "-o=jsonpath={.status.disruptionsAllowed}"))
                .isEqualTo("0");
        kubectl("-n", namespace, "wait", "pod/p", "--for=delete", "--timeout=60s");
    }

    private void awaitBudget(String namespace, String condition) {
        kubectl("-n", namespace, "wait", "pdb/web", "--for=jsonpath=" + condition, "--timeout=30s");
    }

    private void patchStatus(String namespace, String resource, String name, String patch) {
        kubectl(
                "-n",
                namespace,
                "patch",
                resource,
                name,
                "--subresource=status",
                "--type=merge",
                "-p",
                patch);
    }

    private HttpResponse<String> evict(String namespace) throws IOException {
        String eviction =
                "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\"}}";
        try (ApiClient client = ApiClient.of(server.data(), server.port())) {
            return client.exchange(
                    "POST",
                    "/api/v1/namespaces/" + namespace + "/pods/p/eviction",
                    Map.of("Content-Type", "application/json"),
                    eviction.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void pagesShowOneStateWhileObjectsChange() {
        String namespace = server.newNamespace("pages");
        for (String name : List.of("a", "b", "d")) {
            kubectl("-n", namespace, "create", "configmap", name);
        }
        String path = "/api/v1/namespaces/" + namespace + "/configmaps?limit=2";
        JsonNode first = JSON.readTree(kubectl("get", "--raw", path));

        kubectl("-n", namespace, "create", "configmap", "c");
        kubectl("-n", namespace, "delete", "configmap", "d");
        List<String> names = new ArrayList<>(names(first));
        String next = first.path("metadata").path("continue").asString("");
        while (!next.isEmpty()) {
            JsonNode page = JSON.readTree(kubectl("get", "--raw", path + "&continue=" + next));
            assertThat(page.path("metadata").path("resourceVersion"))
                    .isEqualTo(first.path("metadata").path("resourceVersion"));
            names.addAll(names(page));
            next = page.path("metadata").path("continue").asString("");
        }

        assertThat(names).contains("a", "b", "d").doesNotContain("c");
        assertThat(kubectl("-n", namespace, "get", "configmaps", "-o=name", "--chunk-size=1"))
                .contains("configmap/c")
                .doesNotContain("configmap/d");
    }

    private static List<String> names(JsonNode list) {
        return list.path("items")
                .valueStream()
                .map(item -> item.path("metadata").path("name").asString(""))
                .toList();
    }

    @Test
    void tellsHowItIs() {
        assertThat(kubectl("get", "--raw", "/livez?verbose"))
                .contains("[+]ping ok")
                .contains("livez check passed");
        assertThat(kubectl("get", "--raw", "/metrics"))
                .contains("# TYPE apiserver_request_total counter")
                .containsPattern("apiserver_request_total\\{code=\"20[01]\"");
    }

    @Test
    void describesItselfInSwagger() throws IOException {
        String group = "swagger" + System.nanoTime();
        apply(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: foos.%1$s.example.com}
                spec:
                  group: %1$s.example.com
                  scope: Namespaced
                  names: {plural: foos, kind: Foo}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}
                """
                        .formatted(group));
        kubectl(
                "wait",
                "--for=condition=Established",
                "crd/foos." + group + ".example.com",
                "--timeout=10s");

        JsonNode document = JSON.readTree(kubectl("get", "--raw", "/openapi/v2"));

        assertThat(document.path("swagger").asString("")).isEqualTo("2.0");
        JsonNode definitions = document.path("definitions");
        assertThat(definitions.has("io.k8s.api.core.v1.Pod")).isTrue();
        assertThat(
                        definitions
                                .path("com.example." + group + ".v1.Foo")
                                .path("x-kubernetes-group-version-kind")
                                .path(0)
                                .path("kind")
                                .asString(""))
                .isEqualTo("Foo");
        kubectl("delete", "crd", "foos." + group + ".example.com");
        assertThat(kubectl("get", "--raw", "/openapi/v2")).doesNotContain(group + ".v1.Foo");
    }
}
