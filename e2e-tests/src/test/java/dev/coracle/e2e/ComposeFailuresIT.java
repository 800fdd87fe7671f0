package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Containers that stop, hang, lose their network or are killed. Each time the flow works again, and
 * every write that was acknowledged is there.
 */
@Tag("docker")
@Order(2)
@ResourceLock(Compose.PROJECT)
class ComposeFailuresIT {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Cluster cluster = Compose.cluster();
    private final String namespace = cluster.newNamespace("failure");
    private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger number = new AtomicInteger();

    @BeforeEach
    void applyTheFlow() {
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 3
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      terminationGracePeriodSeconds: 1
                      tolerations:
                      - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
                      - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
                      topologySpreadConstraints:
                      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
                      containers:
                      - name: echo
                        image: coracle/echo
                        ports: [{containerPort: 3000}]
                        readinessProbe: {httpGet: {path: /healthz, port: 3000}, periodSeconds: 1}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web}
                spec:
                  rules:
                  - host: %s.example
                    http:
                      paths:
                      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
                """
                        .formatted(namespace));
        awaitFlow();
    }

    @AfterEach
    void removeTheFlow() {
        cluster.kubectl("delete", "namespace", namespace, "--wait=false").orFail();
    }

    @Test
    void podsOfAStoppedNodeMove() {
        var _ = Compose.run("stop", "--timeout", "10", "node-3").orFail();
        awaitMovedFrom("node-3");
        awaitFlow();
        var _ = Compose.run("start", "node-3").orFail();
        awaitNode("node-3");
        checkAgain();
    }

    @Test
    void podsOfAHangingNodeMove() {
        var _ = Compose.docker("node-2", "pause", "{}");
        try {
            awaitMovedFrom("node-2");
            awaitFlow();
        } finally {
            var _ = Compose.docker("node-2", "unpause", "{}");
        }
        awaitNode("node-2");
        checkAgain();
    }

    @Test
    void podsOfANodeWithoutNetworkMove() {
        String network = Compose.PROJECT + "_cluster";
        var _ = Compose.docker("node-1", "network", "disconnect", network, "{}");
        try {
            awaitMovedFrom("node-1");
            awaitFlow();
        } finally {
            var _ =
                    Compose.docker(
                            "node-1", "network", "connect", "--ip", "10.242.0.11", network, "{}");
        }
        awaitNode("node-1");
        cluster.kubectl("-n", namespace, "scale", "deploy/web", "--replicas=6").orFail();
        Await.until(PATIENCE, () -> assertThat(nodes()).contains("node-1"));
        checkAgain();
    }

    @Test
    void keepsEveryAcknowledgedWriteOfARestartedApiServer() {
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
                Load load =
                        Load.start(
                                List.of(new InetSocketAddress(ingress(), 80)),
                                100_000,
                                Duration.ofMillis(50),
                                namespace + ".example")) {
            for (int i = 0; i < 2; i++) {
                var _ =
                        writers.submit(() -> {
                            while (!over.get()) {
                                write();
                            }
                        });
            }
            Await.until(PATIENCE, () -> assertThat(acknowledged).hasSizeGreaterThan(5));
            var _ = Compose.docker("api-server", "kill", "{}");
            int before = load.count();
            var _ = Compose.run("start", "api-server").orFail();
            Compose.awaitHealthy();
            int after = acknowledged.size();
            Await.until(PATIENCE, () -> assertThat(acknowledged).hasSizeGreaterThan(after + 5));
            over.set(true);
            assertThat(load.count()).isGreaterThan(before);
            assertThat(load.failures()).as(load.describe()).isEmpty();
        }
        checkAgain();
    }

    @Test
    void everyContainerComesBackFromAKill() {
        for (int i = 0; i < 5; i++) {
            write();
        }
        for (String service : Compose.SERVICES) {
            // the process, not the container: so the restart policy has to bring it back
            String pid =
                    Compose.docker(service, "inspect", "--format", "{{.State.Pid}}", "{}").strip();
            var _ = Shell.run("kill", "-9", pid).orFail();
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(
                                            Compose.docker(
                                                            service,
                                                            "inspect",
                                                            "--format",
                                                            "{{.State.Pid}}",
                                                            "{}")
                                                    .strip())
                                    .isNotIn(pid, "0"));
        }
        Compose.awaitHealthy();
        checkAgain();
    }

    /** Writes an object; remembers it if the server said that it has it. */
    private void write() {
        String name = "written-" + number.incrementAndGet();
        Shell.Result result =
                cluster.kubectl(
                        "-n", namespace, "create", "configmap", name, "--request-timeout=5s");
        if (result.exitCode() == 0) {
            acknowledged.add(name);
        }
    }

    private void checkAgain() {
        Compose.awaitHealthy();
        awaitFlow();
        assertThat(acknowledged)
                .isSubsetOf(
                        List.of(
                                cluster.get(namespace, "configmaps", "{.items[*].metadata.name}")
                                        .split(" ", -1)));
    }

    /** All pods ready, and a run of requests through everything without a failure. */
    private void awaitFlow() {
        Await.until(
                PATIENCE,
                () -> {
                    String wanted = cluster.get(namespace, "deploy/web", "{.spec.replicas}");
                    assertThat(cluster.get(namespace, "deploy/web", "{.status.readyReplicas}"))
                            .isEqualTo(wanted);
                    assertThat(
                                    Http.spread(
                                            20,
                                            "http://" + ingress() + "/",
                                            "-H",
                                            "Host: " + namespace + ".example"))
                            .hasSizeGreaterThan(1);
                });
    }

    private void awaitMovedFrom(String node) {
        Await.until(
                PATIENCE,
                () -> {
                    assertThat(nodes()).isNotEmpty().doesNotContain(node);
                    assertThat(cluster.get(namespace, "deploy/web", "{.status.readyReplicas}"))
                            .isEqualTo("3");
                });
    }

    /** Where pods are that are not being deleted. */
    private List<String> nodes() {
        return cluster.kubectl(
                        "-n",
                        namespace,
                        "get",
                        "pods",
                        "-l",
                        "app=web",
                        "-o",
                        "go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.spec.nodeName}}{{\"\\n\"}}{{end}}{{end}}")
                .orFail()
                .lines()
                .toList();
    }

    private void awaitNode(String node) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        cluster.get(
                                                "default",
                                                "node/" + node,
                                                "{.status.conditions[?(@.type==\"Ready\")].status}"))
                                .isEqualTo("True"));
    }

    private String ingress() {
        return cluster.get(
                "kube-system", "svc/ingress-gateway", "{.status.loadBalancer.ingress[0].ip}");
    }
}
