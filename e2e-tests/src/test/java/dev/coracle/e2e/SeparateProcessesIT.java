package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The complete flow with each service as a process of its own, and two nodes. */
@Order(3)
@ResourceLock(Cluster.HOST)
class SeparateProcessesIT extends CompleteFlow {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String FABRIC = "coracle-fabric";
    private static final Deque<ServiceProcess> PROCESSES = new ArrayDeque<>();
    private static Path data = Path.of("");

    @BeforeAll
    static void startEveryServiceAlone() throws IOException {
        Cluster.stop();
        data = Cluster.newDirectory();
        Files.createDirectories(data.resolve("log"));
        startApiServer();
        Await.until(
                PATIENCE,
                () -> {
                    PROCESSES.forEach(ServiceProcess::assertRunning);
                    assertThat(data.resolve("kubeconfig")).isReadable();
                });
        startAgent("1");
        startAgent("2");
        startClient(
                "dns-service",
                "dns-service",
                "coracle.dns.address=10.89.0.3",
                "coracle.dns.port=53",
                "coracle.dns.network-namespace=" + FABRIC,
                "coracle.dns.register=true",
                "coracle.dns.host-address=10.89.0.2");
        startClient(
                "ingress-gateway",
                "ingress-gateway",
                "coracle.gateway.address=10.89.0.4",
                "coracle.gateway.port=80",
                "coracle.gateway.admin-port=0",
                "coracle.gateway.network-namespace=" + FABRIC,
                "coracle.gateway.register=true");
        start(
                "cloud-lb-emulator",
                "cloud-lb-emulator",
                "coracle.kubernetes.kubeconfig=" + data.resolve("kubeconfig"),
                "coracle.fabric.enabled=true",
                "coracle.cloud-lb.network-namespace=" + FABRIC);
        Cluster cluster = Cluster.at(data);
        for (String node : List.of("node/node-1", "node/node-2")) {
            await(cluster, "default", node, "create");
            await(cluster, "default", node, "condition=Ready");
        }
        await(cluster, "kube-system", "svc/kube-dns", "create");
        await(cluster, "kube-system", "svc/ingress-gateway", "create");
        await(
                cluster,
                "kube-system",
                "svc/ingress-gateway",
                "jsonpath={.status.loadBalancer.ingress[0].ip}");
    }

    @AfterAll
    static void end() {
        try {
            while (!PROCESSES.isEmpty()) {
                PROCESSES.pop().close();
            }
        } finally {
            PROCESSES.forEach(ServiceProcess::kill);
            Cluster.stop();
        }
    }

    @Override
    Cluster cluster() {
        return Cluster.at(data);
    }

    @Override
    @Test
    void spreadsThePodsOverTheNodes() {
        assertThat(cluster().get(namespace(), "pods", "{.items[*].spec.nodeName}").split(" ", -1))
                .containsOnly("node-1", "node-2");
    }

    @Test
    void podsOutliveTheirAgent() {
        Cluster cluster = cluster();
        cluster.apply(
                namespace(),
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: counter}
                spec:
                  nodeName: node-2
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: coracle/host
                    command: [sh, -c, "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done"]
                """);
        await(cluster, namespace(), "pod/counter", "condition=Ready");
        String container = "{.status.containerStatuses[0].containerID}";
        String before = cluster.get(namespace(), "pod/counter", container);
        kill("node-agent");
        startAgent("2");
        String atStart = Long.toString(lines(cluster).size());
        Await.until(
                PATIENCE,
                () ->
                        assertThat(lines(cluster).size())
                                .isGreaterThan(Integer.parseInt(atStart) + 100));
        List<String> lines = lines(cluster);
        assertThat(lines)
                .isEqualTo(
                        IntStream.rangeClosed(1, lines.size())
                                .mapToObj(Integer::toString)
                                .toList());
        assertThat(cluster.get(namespace(), "pod/counter", container)).isEqualTo(before);
        assertThat(
                        cluster.get(
                                namespace(),
                                "pod/counter",
                                "{.status.containerStatuses[0].restartCount}"))
                .isEqualTo("0");
        cluster.kubectl("-n", namespace(), "delete", "pod", "counter", "--timeout=60s").orFail();
    }

    @Test
    void namesAreAnsweredWhileTheApiServerIsAway() {
        String service = "kubernetes.default.svc.cluster.local";
        assertThat(dig(service)).isEqualTo("10.96.0.1");
        kill("api-server");
        Shell.Result refused = cluster().kubectl("get", "--raw", "/readyz");
        assertThat(refused.exitCode()).as(refused.output()).isNotZero();
        assertThat(dig(service)).isEqualTo("10.96.0.1");
        assertThat(dig("my-service." + namespace() + ".svc.cluster.local")).isNotEmpty();
        assertThat(Shell.run("dig", "@10.89.0.3", "none.default.svc.cluster.local").orFail())
                .contains("status: NXDOMAIN");
        assertThat(Shell.run("curl", "-sS", "--fail", "http://10.89.0.3:9153/ready").orFail())
                .isNotEmpty();

        startApiServer();
        Await.until(
                PATIENCE,
                () -> assertThat(cluster().kubectl("get", "--raw", "/readyz").exitCode()).isZero());
        await(cluster(), "default", "node/node-1", "condition=Ready");
        cluster()
                .kubectl("-n", namespace(), "create", "service", "clusterip", "late", "--tcp=80")
                .orFail();
        String address = cluster().get(namespace(), "svc/late", "{.spec.clusterIP}");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(dig("late." + namespace() + ".svc.cluster.local"))
                                .isEqualTo(address));
    }

    private static String dig(String name) {
        return Shell.run("dig", "@10.89.0.3", "+short", "+tries=1", "+time=2", name)
                .orFail()
                .strip();
    }

    private static void kill(String service) {
        ServiceProcess newest =
                PROCESSES.stream()
                        .filter(process -> process.name().equals(service))
                        .findFirst()
                        .orElseThrow();
        PROCESSES.remove(newest);
        newest.kill();
    }

    /** It is the last to be stopped, also when it was started again. */
    private static void startApiServer() {
        PROCESSES.addLast(
                ServiceProcess.start(
                        "api-server",
                        data.resolve("log").resolve("api-server.log"),
                        "server.port=6443",
                        "coracle.fabric.enabled=true",
                        "coracle.apiserver.data-directory=" + data,
                        "coracle.apiserver.advertise-address=10.89.0.1",
                        "coracle.apiserver.advertise-namespace=" + FABRIC));
    }

    /** Its log so far; nothing while no agent answers. */
    private List<String> lines(Cluster cluster) {
        Shell.Result log = cluster.kubectl("-n", namespace(), "logs", "counter");
        return log.exitCode() == 0 ? log.output().lines().toList() : List.of();
    }

    private static void startAgent(String number) {
        startClient(
                "node-agent",
                "node-" + number,
                "coracle.node.name=node-" + number,
                "coracle.node.address=10.89.0.1" + number,
                "coracle.node.state-directory=" + data.resolve("nodes"));
    }

    private static void await(Cluster cluster, String namespace, String object, String condition) {
        Shell.Result result =
                cluster.kubectl(
                        "-n", namespace, "wait", object, "--for=" + condition, "--timeout=110s");
        PROCESSES.forEach(ServiceProcess::assertRunning);
        result.orFail();
    }

    /** A client of the API server, with a free port for its health. */
    private static void startClient(String service, String name, String... properties) {
        String[] all = new String[properties.length + 3];
        System.arraycopy(properties, 0, all, 0, properties.length);
        all[properties.length] = "server.port=0";
        all[properties.length + 1] = "coracle.fabric.enabled=true";
        all[properties.length + 2] = "coracle.kubernetes.kubeconfig=" + data.resolve("kubeconfig");
        start(service, name, all);
    }

    private static void start(String service, String name, String... properties) {
        PROCESSES.push(
                ServiceProcess.start(
                        service, data.resolve("log").resolve(name + ".log"), properties));
    }
}
