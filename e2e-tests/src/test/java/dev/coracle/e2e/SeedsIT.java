package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The YAML of the documents Coracle comes from, verbatim (the fragments that are only a spec have a
 * name around them).
 */
@ResourceLock(Cluster.HOST)
class SeedsIT {

    private static final Path SEEDS = Path.of("src/test/resources/seeds").toAbsolutePath();

    private final Cluster cluster = Cluster.with("--proxy", "nftables");

    private void apply(String file) {
        cluster.kubectl("apply", "-f", SEEDS.resolve(file).toString()).orFail();
    }

    @BeforeEach
    void startTheBackends() {
        apply("backends.yaml");
        for (String name : List.of("backend-app", "my-stateful-app")) {
            cluster.kubectl("wait", "deploy/" + name, "--for=condition=Available", "--timeout=60s")
                    .orFail();
        }
    }

    @Test
    void headlessServiceListsThePods() {
        apply("headless.yaml");
        assertThat(cluster.get("default", "svc/my-headless-service", "{.spec.clusterIP}"))
                .isEqualTo("None");
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        Shell.run(
                                                        "dig",
                                                        "+short",
                                                        "@10.89.0.3",
                                                        "my-headless-service.default.svc.cluster.local")
                                                .orFail()
                                                .lines())
                                .hasSize(2)
                                .allMatch(line -> line.startsWith("10.244.")));
    }

    @Test
    void backendHasAStableAddressAndAName() {
        apply("backend.yaml");
        String clusterIp = cluster.get("default", "svc/backend", "{.spec.clusterIP}");
        Await.until(
                Duration.ofSeconds(10),
                () ->
                        assertThat(
                                        Shell.run(
                                                        "dig",
                                                        "+short",
                                                        "@10.89.0.3",
                                                        "backend.default.svc.cluster.local")
                                                .orFail()
                                                .strip())
                                .isEqualTo(clusterIp));
    }

    @Test
    void nodePortAnswersOn32000OfEveryNode() {
        apply("node-port.yaml");
        for (String node : List.of("10.89.0.11", "10.89.0.12", "10.89.0.13")) {
            Await.until(
                    Duration.ofSeconds(15), () -> Http.get("http://" + node + ":32000/").orFail());
        }
    }

    @Test
    void loadBalancerGetsAnAddressThatAnswers() {
        apply("load-balancer.yaml");
        Await.until(
                Duration.ofSeconds(30),
                () -> {
                    String address =
                            cluster.get(
                                    "default",
                                    "svc/load-balancer",
                                    "{.status.loadBalancer.ingress[0].ip}");
                    assertThat(address).startsWith("10.88.0.");
                    Http.get("http://" + address + "/").orFail();
                });
    }

    @Test
    void ingressSendsEachPathToItsService() {
        apply("ingress.yaml");
        String address =
                cluster.get(
                        "kube-system",
                        "svc/ingress-gateway",
                        "{.status.loadBalancer.ingress[0].ip}");
        Await.until(
                Duration.ofSeconds(30),
                () -> {
                    assertThat(answerOf(address, "/api/users")).startsWith("backend-app-");
                    assertThat(answerOf(address, "/")).startsWith("my-stateful-app-");
                    // an element, not a string, is the prefix
                    assertThat(answerOf(address, "/apix")).startsWith("my-stateful-app-");
                });
    }

    private static String answerOf(String address, String path) {
        return Http.pod(
                Http.get("http://" + address + path, "-H", "Host: myapp.example.com").orFail());
    }
}
