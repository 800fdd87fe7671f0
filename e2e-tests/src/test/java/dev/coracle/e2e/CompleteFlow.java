package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.testkit.OpensslCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The seeds' complete flow, from outside: load balancer, node port, ingress-gateway, Service, pod.
 * Subclasses run it with another data plane.
 */
abstract class CompleteFlow {

    static final String APP =
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: my-app}
            spec:
              replicas: 3
              selector: {matchLabels: {app: my-app}}
              template:
                metadata: {labels: {app: my-app}}
                spec:
                  containers:
                  - name: echo
                    image: coracle/echo
                    env: [{name: PORT, value: "3000"}]
                    ports: [{containerPort: 3000}]
                    readinessProbe: {httpGet: {path: /healthz, port: 3000}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: my-service}
            spec:
              selector: {app: my-app}
              ports: [{port: 80, targetPort: 3000}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: my-node-port}
            spec:
              type: NodePort
              selector: {app: my-app}
              ports: [{port: 80, targetPort: 3000}]
            """;

    @TempDir private Path folder;

    private Cluster cluster = cluster();
    private String namespace = "";
    private String host = "";

    /** The cluster with the data plane of this variant. */
    abstract Cluster cluster();

    /** The namespace the flow is in. */
    String namespace() {
        return namespace;
    }

    @BeforeEach
    void applyTheFlow() {
        cluster = cluster();
        namespace = cluster.newNamespace("flow");
        host = namespace + ".mydomain.com";
        cluster.apply(
                namespace,
                APP
                        + """
                        ---
                        apiVersion: networking.k8s.io/v1
                        kind: Ingress
                        metadata: {name: my-app}
                        spec:
                          rules:
                          - host: %s
                            http:
                              paths:
                              - {path: /, pathType: Prefix, backend: {service: {name: my-service, port: {number: 80}}}}
                        """
                                .formatted(host));
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "deploy/my-app",
                        "--for=condition=Available",
                        "--timeout=60s")
                .orFail();
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        cluster.get(
                                                namespace,
                                                "deploy/my-app",
                                                "{.status.readyReplicas}"))
                                .isEqualTo("3"));
    }

    @Test
    void reachesEveryPodThroughTheLoadBalancer() {
        String address =
                cluster.get(
                        "kube-system",
                        "svc/ingress-gateway",
                        "{.status.loadBalancer.ingress[0].ip}");
        Await.until(
                Duration.ofSeconds(15),
                () -> Http.get("http://" + address + "/", "-H", "Host: " + host).orFail());
        assertThat(Http.spread(100, "http://" + address + "/", "-H", "Host: " + host)).hasSize(3);
    }

    @Test
    void answersByTlsWithTheCertificateOfTheHost() {
        OpensslCertificate made = OpensslCertificate.create(folder, host);
        cluster.kubectl(
                        "-n",
                        namespace,
                        "create",
                        "secret",
                        "tls",
                        "own",
                        "--cert=" + made.certificate(),
                        "--key=" + made.key())
                .orFail();
        cluster.kubectl(
                        "-n",
                        namespace,
                        "patch",
                        "ingress",
                        "my-app",
                        "--patch",
                        "{\"spec\":{\"tls\":[{\"hosts\":[\"%s\"],\"secretName\":\"own\"}]}}"
                                .formatted(host))
                .orFail();
        String address =
                cluster.get(
                        "kube-system",
                        "svc/ingress-gateway",
                        "{.status.loadBalancer.ingress[0].ip}");
        Await.until(
                Duration.ofSeconds(15),
                () ->
                        assertThat(
                                        Http.get(
                                                        "https://" + host + "/",
                                                        "--resolve",
                                                        host + ":443:" + address,
                                                        "--cacert",
                                                        made.certificate().toString())
                                                .orFail())
                                .contains("pod: my-app-")
                                .containsIgnoringCase("x-forwarded-proto: https"));
    }

    @Test
    void spreadsThePodsOverTheNodes() {
        assertThat(
                        List.of(
                                cluster.get(namespace, "pods", "{.items[*].spec.nodeName}")
                                        .split(" ", -1)))
                .containsExactlyInAnyOrder("node-1", "node-2", "node-3");
    }

    @Test
    void answersOnTheNodePortOfEveryNode() {
        String port = cluster.get(namespace, "svc/my-node-port", "{.spec.ports[0].nodePort}");
        for (String address :
                cluster.get(
                                "default",
                                "nodes",
                                "{.items[*].status.addresses[?(@.type==\"InternalIP\")].address}")
                        .split(" ", -1)) {
            assertThat(Http.spread(30, "http://" + address + ":" + port + "/")).hasSize(3);
        }
    }

    @Test
    void answersInsideByNameAndByClusterIp() {
        String clusterIp = cluster.get(namespace, "svc/my-service", "{.spec.clusterIP}");
        for (String url :
                List.of(
                        "http://my-service/",
                        "http://my-service." + namespace + ".svc.cluster.local/",
                        "http://" + clusterIp + "/")) {
            runInPod(
                    """
                    for i in $(seq 30); do curl -sS --fail --max-time 5 %s || exit 1; done | grep '^pod: ' | sort -u | wc -l | grep -qx 3
                    """
                            .formatted(url)
                            .strip());
        }
    }

    @Test
    void refusesTheClusterIpFromOutside() {
        String clusterIp = cluster.get(namespace, "svc/my-service", "{.spec.clusterIP}");
        long start = System.nanoTime();
        Shell.Result result = Http.get("http://" + clusterIp + "/");
        assertThat(result.exitCode()).as(result.output()).isEqualTo(7);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    void letsAPodReachItselfThroughItsService() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: alone, labels: {app: alone}}
                spec:
                  containers: [{name: echo, image: coracle/echo}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: alone}
                spec: {selector: {app: alone}, ports: [{port: 80, targetPort: 8080}]}
                """);
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "pod/alone",
                        "--for=condition=Ready",
                        "--timeout=30s")
                .orFail();
        runInPod(
                "curl -sS --fail --retry 5 --retry-connrefused --max-time 5 http://alone/ | grep -qx 'pod: alone'");
    }

    @Test
    void refusesAServiceWithoutEndpointsAtOnce() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: empty}
                spec: {selector: {app: none}, ports: [{port: 80}]}
                """);
        // curl's 7 is "failed to connect"; 28 would be a time-out
        runInPod("curl -sS --max-time 5 http://empty/; test $? = 7");
    }

    @Test
    void answersThroughTheApiServer() {
        String pod = cluster.get(namespace, "pods", "{.items[0].metadata.name}");
        String base = "/api/v1/namespaces/" + namespace;
        assertThat(raw(base + "/pods/" + pod + "/proxy/some/path?q=1"))
                .contains("\"pod\":\"" + pod, "\"path\":\"/some/path?q=1\"");
        assertThat(raw(base + "/pods/http:" + pod + ":3000/proxy/")).contains("\"pod\":\"" + pod);
        assertThat(raw(base + "/services/my-service:80/proxy/")).contains("\"pod\":\"my-app-");
        assertThat(raw("/api/v1/nodes/node-2:10256/proxy/healthz")).contains("lastUpdated");
        assertThat(raw("/api/v1/nodes/node-2:10249/proxy/metrics"))
                .contains("kubeproxy_sync_proxy_rules_duration_seconds_count");
        Shell.Result refused =
                cluster.kubectl("get", "--raw", base + "/services/my-service:81/proxy/");
        assertThat(refused.output()).contains("no service port 81 found");
    }

    private String raw(String path) {
        return cluster.kubectl("get", "--raw", path).orFail();
    }

    /** Runs a shell line in a pod of this namespace, which must succeed. */
    private void runInPod(String line) {
        String name = "client-" + Long.toString(System.nanoTime(), 36);
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: client
                    image: coracle/host
                    command: [sh, -c, '%s']
                """
                        .formatted(name, line.replace("'", "''")));
        Await.until(
                Duration.ofSeconds(60),
                () ->
                        assertThat(cluster.get(namespace, "pod/" + name, "{.status.phase}"))
                                .isIn("Succeeded", "Failed"));
        assertThat(cluster.get(namespace, "pod/" + name, "{.status.phase}"))
                .as(line + "\n" + cluster.get(namespace, "pod/" + name, "{.status}"))
                .isEqualTo("Succeeded");
    }
}
