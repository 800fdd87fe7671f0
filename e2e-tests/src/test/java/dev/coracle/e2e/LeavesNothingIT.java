package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Ends and restarts of a cluster: the host is as before, the state is kept. */
@Order(1)
@ResourceLock(Cluster.HOST)
class LeavesNothingIT {

    private static final String NODE_PORT = "30456";
    private static final String STATE =
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: kept}
            data: {colour: blue}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: kept}
            spec:
              replicas: 2
              selector: {matchLabels: {app: kept}}
              template:
                metadata: {labels: {app: kept}}
                spec: {containers: [{name: echo, image: coracle/echo}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: kept}
            spec:
              type: NodePort
              selector: {app: kept}
              ports: [{port: 80, targetPort: 8080, nodePort: %s}]
            """
                    .formatted(NODE_PORT);

    private final Path data = Cluster.newDirectory();
    private HostState before = new HostState(java.util.Set.of());

    @BeforeEach
    void lookAtTheHost() {
        Cluster.stop();
        before = HostState.now();
    }

    @AfterEach
    void end() {
        Cluster.stop();
    }

    @Test
    void keepsStateAndLeavesNothingThroughKillAndDown() throws Exception {
        Cluster cluster = Cluster.start(data, "--nodes", "2");
        cluster.apply("default", STATE);
        assertServes(cluster);
        String identity = identity(cluster);
        String processes = processes(cluster);

        kill();
        assertThat(HostState.now().madeSince(before)).as("the test's own sharpness").isNotEmpty();

        Cluster restarted = Cluster.start(data, "--nodes", "2");
        assertThat(identity(restarted)).isEqualTo(identity);
        assertServes(restarted);
        assertThat(processes(restarted)).as("pods go on").isEqualTo(processes);

        Cluster.stop();
        assertNothingIsLeft();

        Cluster again = Cluster.start(data, "--nodes", "2");
        assertThat(identity(again)).isEqualTo(identity);
        assertServes(again);
        Cluster.stop();
        assertNothingIsLeft();
    }

    @Test
    void removesWhatAKilledClusterLeft() throws Exception {
        Cluster cluster = Cluster.start(data, "--nodes", "1");
        cluster.apply("default", STATE);
        assertServes(cluster);
        kill();

        Cluster.coracle("down").orFail();

        assertNothingIsLeft();
    }

    @Test
    void refusesASecondCluster() {
        Cluster cluster = Cluster.start(data, "--nodes", "1");
        assertRefused("a cluster is already running here", "--data", Cluster.newDirectory() + "");
        cluster.kubectl("get", "nodes").orFail();
    }

    @Test
    void refusesAPortInUse() throws IOException {
        try (ServerSocket _ = new ServerSocket(6443, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertRefused("port 6443 on 127.0.0.1 cannot be used", "--data", data.toString());
        }
        assertNothingIsLeft();
    }

    @Test
    void refusesNumbersOfNodesThatMakeNoSense() {
        assertRefused("--nodes must be 1 to 100, not 0", "--data", data.toString(), "--nodes", "0");
        assertRefused("'--nodes'", "--data", data.toString(), "--nodes", "many");
        assertNothingIsLeft();
    }

    /** {@code kill -9} of the cluster's JVM: it tidies nothing up. */
    private static void kill() throws Exception {
        Properties run = new Properties();
        try (var in = Files.newBufferedReader(Path.of("/run/coracle/cluster.properties"))) {
            run.load(in);
        }
        ProcessHandle jvm = ProcessHandle.of(Long.parseLong(run.getProperty("pid"))).orElseThrow();
        jvm.destroyForcibly();
        jvm.onExit().get(30, TimeUnit.SECONDS);
    }

    private static void assertRefused(String reason, String... options) {
        String[] command = new String[options.length + 2];
        command[0] = "up";
        command[1] = "--detach";
        System.arraycopy(options, 0, command, 2, options.length);
        Shell.Result result = Cluster.coracle(command);
        assertThat(result.exitCode()).as(result.output()).isEqualTo(1);
        assertThat(result.output().strip().lines())
                .singleElement()
                .asString()
                .startsWith("coracle: ")
                .contains(reason);
    }

    private void assertNothingIsLeft() {
        // the kernel takes links and namespaces apart behind ip's back
        Await.until(
                Duration.ofSeconds(15),
                () -> assertThat(HostState.now().madeSince(before)).as("left behind").isEmpty());
    }

    /** What must be the same after a restart. */
    private static String processes(Cluster cluster) {
        return cluster.get(
                "default",
                "pods",
                "{range .items[*]}{.metadata.uid} {.status.podIP} {.status.startTime}"
                        + " {.status.containerStatuses[*].containerID}"
                        + " {.status.containerStatuses[*].restartCount};{end}");
    }

    private static String identity(Cluster cluster) {
        return cluster.get(
                        "default",
                        "configmap/kept",
                        "{.metadata.uid} {.metadata.resourceVersion} {.data.colour}")
                + " "
                + cluster.get("default", "deploy/kept", "{.metadata.uid}")
                + " "
                + cluster.get("default", "svc/kept", "{.metadata.uid} {.spec.clusterIP}")
                + " "
                + cluster.get("default", "node/node-1", "{.metadata.uid} {.spec.podCIDR}");
    }

    private static void assertServes(Cluster cluster) {
        cluster.kubectl(
                        "wait",
                        "deploy/kept",
                        "--for=jsonpath={.status.readyReplicas}=2",
                        "--timeout=90s")
                .orFail();
        Await.until(
                Duration.ofSeconds(60),
                () ->
                        assertThat(Http.spread(10, "http://10.89.0.11:" + NODE_PORT + "/"))
                                .hasSize(2));
    }
}
