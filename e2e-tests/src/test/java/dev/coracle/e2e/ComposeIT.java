package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
        for (String service :
                new String[] {"dns-service", "ingress-gateway", "cloud-lb-emulator"}) {
            Shell.Result secrets =
                    as("system:coracle:" + service, "get", "secrets", "-n", "kube-system");
            assertThat(secrets.output()).contains("Forbidden").contains(service);
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
        assertThat(Http.get("http://127.0.0.1:18092/v1/load-balancers").orFail())
                .contains("10.241.0.");
        assertThat(Http.get("https://127.0.0.1:16443/swagger-ui/index.html", "-k").orFail())
                .contains("Swagger UI");
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
    void endsWithTheSummary() {
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(Compose.log("api-server"))
                                .contains("The cluster is up", "node-3 10.242.0.13", "ingress"));
    }

    private Shell.Result as(String user, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--as";
        all[1] = user;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster().kubectl(all);
    }
}
