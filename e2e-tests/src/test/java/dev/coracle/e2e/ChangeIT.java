package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Pods die and Deployments are scaled while requests come in. */
@ResourceLock(Cluster.HOST)
class ChangeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration PACE = Duration.ofMillis(10);
    private static final int MOST_REQUESTS = 12_000;
    private static final int REQUESTS = Integer.getInteger("coracle.e2e.requests", 2000);

    private Cluster cluster = Cluster.with("--proxy", "nftables");
    private String namespace = "";
    private List<InetSocketAddress> nodePorts = List.of();

    @BeforeEach
    void deploy() {
        cluster = Cluster.with("--proxy", "nftables");
        namespace = cluster.newNamespace("change");
        cluster.apply(
                namespace,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 3
                  strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 0}}
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      containers:
                      - name: echo
                        image: coracle/echo
                        lifecycle: {preStop: {sleep: {seconds: 2}}}
                        readinessProbe:
                          httpGet: {path: /healthz, port: 8080}
                          initialDelaySeconds: 4
                          periodSeconds: 1
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  type: NodePort
                  selector: {app: web}
                  ports: [{port: 80, targetPort: 8080}]
                """);
        awaitReady(3);
        int port = Integer.parseInt(cluster.get(namespace, "svc/web", "{.spec.ports[0].nodePort}"));
        nodePorts =
                Arrays.stream(
                                cluster.get(
                                                "default",
                                                "nodes",
                                                "{.items[*].status.addresses[?(@.type==\"InternalIP\")].address}")
                                        .split(" ", -1))
                        .map(address -> new InetSocketAddress(address, port))
                        .toList();
        Await.until(
                PATIENCE,
                () ->
                        assertThat(Http.spread(12, "http:/" + nodePorts.getFirst() + "/"))
                                .hasSize(3));
    }

    @Test
    void servesOnWhileAKilledPodRestarts() {
        String pod = cluster.get(namespace, "pods", "{.items[0].metadata.name}");
        try (Load load = Load.start(nodePorts, MOST_REQUESTS, PACE)) {
            load.await(50);
            assertThat(load.failures()).as("before the kill: %s", load.describe()).isEmpty();

            killProcessOf(pod);
            Await.until(
                    PATIENCE, () -> assertThat(readyEndpoints()).hasSize(2).doesNotContain(pod));

            // in flight when the process died
            load.await(4);
            List<String> lost = load.failures();
            load.await(100);
            assertThat(load.failures())
                    .as("once it was out of the EndpointSlice: %s", load.describe())
                    .isEqualTo(lost);

            Await.until(
                    PATIENCE,
                    () -> {
                        assertThat(readyEndpoints()).hasSize(3).contains(pod);
                        assertThat(
                                        cluster.get(
                                                namespace,
                                                "pod/" + pod,
                                                "{.status.containerStatuses[0].restartCount}"))
                                .isEqualTo("1");
                    });
            load.await(100);
            assertThat(load.failures()).as("once it was back: %s", load.describe()).isEqualTo(lost);
        }
        assertThat(Http.spread(60, "http:/" + nodePorts.getFirst() + "/")).containsKey(pod);
    }

    /** Nobody tries again, and nobody has to: the pods are written as users are told to. */
    @Test
    void losesNoRequestOf64ClientsThroughRollingUpdateScalingAndDrain(TestReporter reporter)
            throws IOException {
        // the same through the ClusterIP, from a pod: its exit code tells
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: load}
                spec:
                  restartPolicy: Never
                  nodeName: node-1
                  containers:
                  - name: load
                    image: coracle/host
                    command:
                    - sh
                    - -c
                    - for i in $(seq 600); do curl -sS --fail -o /dev/null --max-time 10 http://web/ || exit 1; done
                """);
        try (Load load = Load.start(nodePorts, Integer.MAX_VALUE, Duration.ofMillis(4), 64)) {
            load.await(50);
            cluster.kubectl("-n", namespace, "rollout", "restart", "deploy/web").orFail();
            cluster.kubectl("-n", namespace, "rollout", "status", "deploy/web", "--timeout=90s")
                    .orFail();
            scale(5);
            awaitReady(5);
            scale(2);
            Await.until(PATIENCE, () -> assertThat(endpoints()).hasSize(2));
            cluster.kubectl("drain", "node-2", "--ignore-daemonsets", "--force", "--timeout=90s")
                    .orFail();
            awaitReady(2);
            load.awaitCount(REQUESTS);
            reporter.publishEntry(load.describe());
            Files.writeString(Path.of("target", "change.txt"), load.describe() + "\n");
            assertThat(load.failures()).as(load.describe()).isEmpty();
        } finally {
            cluster.kubectl("uncordon", "node-2").orFail();
        }
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "pod/load", "{.status.phase}"))
                                .isIn("Succeeded", "Failed"));
        assertThat(cluster.get(namespace, "pod/load", "{.status.phase}"))
                .as(cluster.get(namespace, "pod/load", "{.status}"))
                .isEqualTo("Succeeded");
    }

    private void scale(int replicas) {
        cluster.kubectl("-n", namespace, "scale", "deploy/web", "--replicas=" + replicas).orFail();
    }

    private void awaitReady(int pods) {
        cluster.kubectl(
                        "-n",
                        namespace,
                        "wait",
                        "deploy/web",
                        "--for=jsonpath={.status.readyReplicas}=" + pods,
                        "--timeout=90s")
                .orFail();
        Await.until(PATIENCE, () -> assertThat(readyEndpoints()).hasSize(pods));
    }

    /** The pods that the EndpointSlices name as ready. */
    private List<String> readyEndpoints() {
        return endpoints(
                "{range .items[*].endpoints[?(@.conditions.ready==true)]}{.targetRef.name} {end}");
    }

    /** All pods in the EndpointSlices, terminating ones too. */
    private List<String> endpoints() {
        return endpoints("{range .items[*].endpoints[*]}{.targetRef.name} {end}");
    }

    private List<String> endpoints(String path) {
        return Arrays.stream(
                        cluster.kubectl(
                                        "-n",
                                        namespace,
                                        "get",
                                        "endpointslices",
                                        "-l",
                                        "kubernetes.io/service-name=web",
                                        "-o",
                                        "jsonpath=" + path)
                                .orFail()
                                .strip()
                                .split(" ", -1))
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** {@code kill -9} of the first process of the pod's container. */
    private void killProcessOf(String pod) {
        String node = cluster.get(namespace, "pod/" + pod, "{.spec.nodeName}");
        String uid = cluster.get(namespace, "pod/" + pod, "{.metadata.uid}");
        String network = "coracle-pod-" + node + "_" + uid;
        List<Long> processes =
                Shell.run("ip", "netns", "pids", network)
                        .orFail()
                        .lines()
                        .map(line -> Long.parseLong(line.strip()))
                        .toList();
        ProcessHandle process =
                processes.stream()
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .filter(found -> found.info().command().orElse("").endsWith("/java"))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no process of " + pod));
        process.destroyForcibly();
    }
}
