package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The complete flow through containers, from outside of them. */
@Tag("docker")
@Order(1)
@ResourceLock(Compose.PROJECT)
class ComposeIT extends CompleteFlow {

    @Override
    Cluster cluster() {
        return Compose.cluster();
    }

    @AfterEach
    void removeTheFlow() {
        cluster().kubectl("delete", "namespace", namespace(), "--wait=false").orFail();
    }

    /** Here the host's own routes are not ours: nothing leads into the containers' network. */
    @Override
    @Test
    void refusesTheClusterIpFromOutside() {
        String clusterIp = cluster().get(namespace(), "svc/my-service", "{.spec.clusterIP}");
        String bridge = Shell.run("ip", "-o", "route", "get", "10.242.0.11").orFail();
        assertThat(Shell.run("ip", "-o", "route", "get", clusterIp).output())
                .doesNotContain(bridge.replaceFirst("(?s).* dev (\\S+) .*", "dev $1 "));
    }

    @Test
    void partsHaveNoMoreRightsThanTheyNeed() {
        for (String service : List.of("dns-service", "cloud-lb-emulator")) {
            Shell.Result secrets =
                    as("system:coracle:" + service, "get", "secrets", "-n", "kube-system");
            assertThat(secrets.output()).contains("Forbidden").contains(service);
        }
        for (List<String> more :
                List.of(List.of("delete", "secret", "any"), List.of("get", "configmaps"))) {
            assertThat(as("system:coracle:ingress-gateway", more.toArray(String[]::new)).output())
                    .contains("Forbidden");
        }
        assertThat(as("system:node:node-1", "delete", "node", "node-2").output())
                .contains("Forbidden");
        for (String service : Compose.SERVICES) {
            if (!service.startsWith("node-")) {
                assertThat(Compose.docker(service, "top", "{}", "-o", "pid,uid,comm").lines())
                        .as(service)
                        .filteredOn(line -> line.endsWith(" java"))
                        .isNotEmpty()
                        .noneMatch(line -> line.matches(" *\\d+ +0 .*"));
            }
        }
    }

    @Test
    void isReachedByPublishedPorts() {
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        Http.get(
                                                        "http://127.0.0.1:18080/",
                                                        "-H",
                                                        "Host: " + namespace() + ".mydomain.com")
                                                .orFail())
                                .contains("pod: my-app-"));
        // whose certificate: CompleteFlow asks at the balancer's own address
        Await.until(
                Duration.ofSeconds(15),
                () ->
                        assertThat(
                                        Http.get(
                                                        "https://127.0.0.1:18443/",
                                                        "-k",
                                                        "-H",
                                                        "Host: " + namespace() + ".mydomain.com")
                                                .orFail())
                                .contains("pod: my-app-"));
        assertThat(Http.get("http://127.0.0.1:18092/v1/load-balancers").orFail())
                .contains("10.241.0.");
        assertThat(Http.get("https://127.0.0.1:16443/swagger-ui/index.html", "-k").orFail())
                .contains("Swagger UI");
        assertThat(Http.get("https://127.0.0.1:16443/dashboard/", "-k").orFail())
                .contains("<title>Coracle</title>");
        cluster()
                .kubectl(
                        "-n",
                        namespace(),
                        "expose",
                        "deploy/my-app",
                        "--name=direct",
                        "--type=LoadBalancer",
                        "--port=80",
                        "--target-port=3000")
                .orFail();
        Await.until(
                Duration.ofSeconds(30),
                () -> {
                    String told =
                            cluster()
                                    .get(
                                            namespace(),
                                            "events",
                                            "{.items[?(@.reason==\"ReachedElsewhere\")].message}");
                    assertThat(told).contains(" is 127.0.0.1:181");
                    assertThat(
                                    Http.get(
                                                    told.replaceFirst(
                                                            ".* is (127.0.0.1:\\d+) .*",
                                                            "http://$1/"))
                                            .orFail())
                            .contains("pod: my-app-");
                });
    }

    @Test
    void keepsWhatLeadsNowhereInItsNetwork() {
        String link =
                Shell.run("ip", "-o", "route", "get", "10.242.0.11")
                        .orFail()
                        .replaceFirst("(?s).* dev (\\S+) .*", "$1");
        Uplink uplink =
                new Uplink(
                        "coracle_e2e_compose", "10.243.0.0/16, 10.96.0.0/16, 10.242.0.0/24", link);
        uplink.watch();
        cluster()
                .kubectl(
                        "-n",
                        namespace(),
                        "run",
                        "lost",
                        "--image=coracle/host",
                        "--restart=Never",
                        "--command",
                        "--",
                        "sh",
                        "-c",
                        "for a in 10.96.77.77 10.243.77.77 10.242.0.77; do curl -s --max-time 2"
                                + " http://$a/; done; true")
                .orFail();
        cluster()
                .kubectl(
                        "-n",
                        namespace(),
                        "wait",
                        "pod/lost",
                        "--for=jsonpath={.status.phase}=Succeeded",
                        "--timeout=60s")
                .orFail();
        assertThat(uplink.leaked()).as("packets that left").isZero();
    }

    /** A claim's data is where its pods go, and goes when nobody wants it. */
    @Test
    void keepsWhatAClaimHoldsOnEveryNode() {
        cluster()
                .apply(
                        namespace(),
                        """
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: kept}
                        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
                        """);
        onNode("writer", "node-1", "echo of node-1 > /kept/file");
        onNode("reader", "node-2", "grep -q node-1 /kept/file");
        String volume = cluster().get(namespace(), "pvc/kept", "{.spec.volumeName}");
        cluster().kubectl("-n", namespace(), "delete", "pod", "writer", "reader").orFail();
        cluster().kubectl("-n", namespace(), "delete", "pvc", "kept").orFail();
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(cluster().get("default", "pv", "{.items[*].metadata.name}"))
                                .doesNotContain(volume));
    }

    private void onNode(String pod, String node, String script) {
        cluster()
                .apply(
                        namespace(),
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s}
                        spec:
                          nodeName: %s
                          restartPolicy: Never
                          volumes: [{name: kept, persistentVolumeClaim: {claimName: kept}}]
                          containers:
                          - name: main
                            image: coracle/host
                            command: [sh, -c, "%s"]
                            volumeMounts: [{name: kept, mountPath: /kept}]
                        """
                                .formatted(pod, node, script));
        cluster()
                .kubectl(
                        "-n",
                        namespace(),
                        "wait",
                        "pod/" + pod,
                        "--for=jsonpath={.status.phase}=Succeeded",
                        "--timeout=60s")
                .orFail();
    }

    @Test
    void takesFurtherNodes() {
        Compose.run(
                        "--profile",
                        "more-nodes",
                        "up",
                        "--detach",
                        "--no-recreate",
                        "--scale",
                        "node=1",
                        "node")
                .orFail();
        try {
            Await.until(
                    Duration.ofMinutes(2),
                    () ->
                            assertThat(
                                            cluster()
                                                    .get(
                                                            "default",
                                                            "node/node-4",
                                                            "{.status.conditions[?(@.type==\"Ready\")].status}"))
                                    .isEqualTo("True"));
            cluster()
                    .kubectl(
                            "-n",
                            namespace(),
                            "run",
                            "fourth",
                            "--image=coracle/echo",
                            "--overrides={\"spec\":{\"nodeName\":\"node-4\"}}")
                    .orFail();
            cluster()
                    .kubectl(
                            "-n",
                            namespace(),
                            "wait",
                            "pod/fourth",
                            "--for=condition=Ready",
                            "--timeout=60s")
                    .orFail();
        } finally {
            Compose.run("--profile", "more-nodes", "rm", "--stop", "--force", "node").orFail();
            cluster().kubectl("delete", "node", "node-4").orFail();
        }
    }

    @Test
    void endsWithTheSummary() {
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(Compose.log("api-server"))
                                .contains(
                                        "The cluster is up",
                                        "/dashboard/",
                                        "node-3 10.242.0.13",
                                        "ingress"));
    }

    private Shell.Result as(String user, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--as";
        all[1] = user;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster().kubectl(all);
    }
}
