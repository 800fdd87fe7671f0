package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** kubectl 1.32, unmodified: what a user types. */
@ResourceLock(Cluster.HOST)
class KubectlIT {

    private final Cluster cluster = Cluster.with("--proxy", "nftables");
    private String namespace = "";

    @BeforeEach
    void makeANamespace() {
        namespace = cluster.newNamespace("kubectl");
    }

    private String kubectl(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster.kubectl(all).orFail();
    }

    private void deploy(int replicas) {
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, labels: {tier: front}}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: coracle/echo}]}
                """
                        .formatted(replicas));
        kubectl("wait", "deploy/web", "--for=condition=Available", "--timeout=60s");
    }

    @Test
    void printsTables() {
        deploy(2);
        assertThat(kubectl("get", "deploy").lines().findFirst().orElse("").split(" +"))
                .containsExactly("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE");
        assertThat(kubectl("get", "pods", "-o", "wide"))
                .contains("NOMINATED NODE")
                .contains("node-")
                .contains("1/1     Running");
        assertThat(kubectl("get", "nodes")).contains("node-1   Ready");
        assertThat(kubectl("get", "svc", "-A")).contains("kube-dns").contains("53/UDP,53/TCP");
    }

    @Test
    void printsObjects() {
        deploy(1);
        assertThat(kubectl("get", "deploy", "web", "-o", "yaml")).contains("kind: Deployment");
        assertThat(kubectl("get", "deploy", "web", "-o", "json"))
                .contains("\"kind\": \"Deployment\"");
        assertThat(kubectl("get", "deploy", "web", "-o", "name").strip())
                .isEqualTo("deployment.apps/web");
    }

    @Test
    void selects() {
        deploy(2);
        assertThat(kubectl("get", "pods", "-l", "app=web", "--no-headers").lines()).hasSize(2);
        assertThat(kubectl("get", "pods", "-l", "app in (db)")).contains("No resources found");
        assertThat(
                        kubectl(
                                "get",
                                "pods",
                                "--field-selector",
                                "spec.nodeName!=node-1,status.phase=Running",
                                "-o",
                                "jsonpath={.items[*].spec.nodeName}"))
                .doesNotContain("node-1");
    }

    @Test
    void watches() {
        Shell.Result watched =
                Shell.run(
                        Duration.ofSeconds(60),
                        java.util.Map.of("KUBECONFIG", cluster.kubeconfig().toString()),
                        java.util.List.of(
                                "sh",
                                "-c",
                                """
                                k="%s -n %s"
                                $k get cm -w --no-headers --request-timeout=20s > /tmp/coracle-watch.$$ &
                                w=$!
                                until grep -q kube-root-ca.crt /tmp/coracle-watch.$$; do :; done
                                $k apply -f - <<'EOF'
                                apiVersion: v1
                                kind: ConfigMap
                                metadata: {name: seen}
                                data: {a: b}
                                EOF
                                until grep -q seen /tmp/coracle-watch.$$; do :; done
                                kill $w; cat /tmp/coracle-watch.$$; rm /tmp/coracle-watch.$$
                                """
                                        .formatted(Kubectl.program(), namespace)));
        assertThat(watched.output()).contains("seen");
    }

    @Test
    void appliesChangesAndNothingWhenNothingChanged() {
        deploy(1);
        deploy(1);
        assertThat(kubectl("get", "deploy", "web", "-o", "jsonpath={.metadata.generation}").strip())
                .isEqualTo("1");
        deploy(2);
        assertThat(kubectl("get", "deploy", "web", "-o", "jsonpath={.metadata.generation}").strip())
                .isEqualTo("2");
    }

    @Test
    void scalesLabelsAndDeletes() {
        deploy(1);
        kubectl("scale", "deploy/web", "--replicas=3");
        Await.until(
                Duration.ofSeconds(60),
                () ->
                        assertThat(cluster.get(namespace, "deploy/web", "{.status.readyReplicas}"))
                                .isEqualTo("3"));
        kubectl("label", "deploy/web", "a=b");
        assertThat(kubectl("get", "deploy", "-l", "a=b", "-o", "name")).contains("web");
        kubectl("delete", "deploy", "web", "--timeout=60s");
        Await.until(
                Duration.ofSeconds(60),
                () -> assertThat(kubectl("get", "pods,rs")).contains("No resources found"));
    }

    @Test
    void listsWhatIsServed() {
        assertThat(cluster.kubectl("api-resources").orFail())
                .contains("deployments")
                .contains("ingressclasses")
                .contains("endpointslices")
                .contains("leases");
        assertThat(cluster.kubectl("version").orFail()).contains("Server Version: v1.33.0+coracle");
    }

    @Test
    void removesANamespaceWithItsContent() {
        deploy(1);
        cluster.kubectl("delete", "namespace", namespace, "--timeout=60s").orFail();
        assertThat(cluster.kubectl("get", "namespace", namespace).output()).contains("NotFound");
    }

    @Test
    void isRefusedWithoutCredentials() {
        assertThat(Shell.run("curl", "-sk", "https://127.0.0.1:6443/api/v1/namespaces").orFail())
                .contains("\"reason\":\"Unauthorized\"")
                .contains("\"code\":401");
    }

    @Test
    void servesSwaggerUiWithThePaths() {
        assertThat(Shell.run("curl", "-skL", "https://127.0.0.1:6443/swagger-ui").orFail())
                .contains("Swagger UI");
        assertThat(Shell.run("curl", "-sk", "https://127.0.0.1:6443/v3/api-docs").orFail())
                .contains("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale")
                .contains("/api/v1/namespaces/{namespace}/services");
    }
}
