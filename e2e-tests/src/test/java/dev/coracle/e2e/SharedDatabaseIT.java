package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.testkit.PostgresServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Two API servers on one PostgreSQL database, as kubectl and watches see them. */
@Order(6)
class SharedDatabaseIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final String LEASE =
            "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";

    @Test
    void serveOneCluster() throws Exception {
        try (PostgresServer postgres = PostgresServer.create()) {
            String database = "coracle.apiserver.database=" + postgres.newDatabase();
            ApiServer one = ApiServer.start(database);
            try {
                Path second = Cluster.newDirectory();
                copyPki(one.data(), second);
                ApiServer other = ApiServer.start(second, database);
                try (ApiClient toOne = one.client();
                        ApiClient toOther = other.client()) {
                    eachSeesTheOthersWrites(toOne, toOther);
                    neverGiveOneAddressTwice(toOne, toOther);
                    writesAreRefusedAndWatchesStayWhileTheDatabaseIsAway(postgres, toOne, toOther);
                    controllersMoveToTheOther(one, toOther, second);
                } finally {
                    other.stop();
                }
            } finally {
                one.stop();
            }
        }
    }

    /** Both are asked for the same address and port at the same time. */
    private static void neverGiveOneAddressTwice(ApiClient one, ApiClient other) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 30; i++) {
                int number = i;
                CyclicBarrier together = new CyclicBarrier(2);
                Future<Integer> mine =
                        clients.submit(() -> createService(one, together, "one-" + number, number));
                Future<Integer> theirs =
                        clients.submit(
                                () -> createService(other, together, "other-" + number, number));
                assertThat(List.of(mine.get(), theirs.get())).containsExactlyInAnyOrder(201, 422);
            }
        }
        assertThat(one.send("GET", SERVICES, "")).contains("\"nodePort\":30229");
    }

    private static int createService(
            ApiClient client, CyclicBarrier together, String name, int number) throws Exception {
        String body =
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "%s"}, "spec": {
                "type": "NodePort", "clusterIP": "10.96.7.%d",
                "ports": [{"port": 80, "nodePort": %d}]}}
                """
                        .formatted(name, number + 1, number + 30200);
        together.await();
        HttpResponse<String> answer =
                client.exchange(
                        "POST",
                        SERVICES,
                        Map.of("Content-Type", "application/json"),
                        body.getBytes(StandardCharsets.UTF_8));
        if (answer.statusCode() == 422) {
            assertThat(answer.body()).contains("already allocated");
        }
        return answer.statusCode();
    }

    private static void eachSeesTheOthersWrites(ApiClient one, ApiClient other) throws IOException {
        WatchRecord watch = new WatchRecord(ApiClient.resourceVersion(list(other)));
        String created = one.send("POST", CONFIG_MAPS, body("cm-1", 0));
        String changed = one.send("PUT", CONFIG_MAPS + "/cm-1", body("cm-1", 1));
        watch.follow(other, CONFIG_MAPS, ApiClient.resourceVersion(changed));
        assertThat(watch.events())
                .filteredOn(event -> event.name().equals("cm-1"))
                .extracting(event -> event.revision() + " " + event.type())
                .containsExactly(
                        ApiClient.resourceVersion(created) + " ADDED",
                        ApiClient.resourceVersion(changed) + " MODIFIED");
        HttpResponse<String> stale =
                other.exchange(
                        "PUT",
                        CONFIG_MAPS + "/cm-1",
                        Map.of("Content-Type", "application/json"),
                        body("cm-1", 2)
                                .replace(
                                        "\"name\"",
                                        "\"resourceVersion\": \""
                                                + ApiClient.resourceVersion(created)
                                                + "\", \"name\"")
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(stale.statusCode()).isEqualTo(409);
    }

    private static void writesAreRefusedAndWatchesStayWhileTheDatabaseIsAway(
            PostgresServer postgres, ApiClient one, ApiClient other) throws Exception {
        WatchRecord watch = new WatchRecord(ApiClient.resourceVersion(list(one)));
        Thread watching =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                watch.follow(one, CONFIG_MAPS, Long.MAX_VALUE);
                            } catch (IOException _) {
                                // the server has ended
                            }
                        });
        postgres.stop();
        HttpResponse<String> refused =
                one.exchange(
                        "POST",
                        CONFIG_MAPS,
                        Map.of("Content-Type", "application/json"),
                        body("cm-2", 0).getBytes(StandardCharsets.UTF_8));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(refused.body()).contains("\"reason\":\"ServiceUnavailable\"");
        assertThat(list(one)).contains("cm-1");
        postgres.start();
        Await.until(PATIENCE, () -> assertThat(tryCreate(other)).isIn(201, 409));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(watch.events())
                                .extracting(WatchRecord.Event::name)
                                .contains("cm-2"));
        assertThat(watching.isAlive()).isTrue();
    }

    private static int tryCreate(ApiClient client) throws IOException {
        return client.exchange(
                        "POST",
                        CONFIG_MAPS,
                        Map.of("Content-Type", "application/json"),
                        body("cm-2", 0).getBytes(StandardCharsets.UTF_8))
                .statusCode();
    }

    /** The loops make the ServiceAccount of a new namespace; only one server runs them. */
    private static void controllersMoveToTheOther(ApiServer one, ApiClient toOther, Path second) {
        Await.until(
                PATIENCE,
                () -> assertThat(toOther.send("GET", LEASE, "")).contains(one.data().toString()));
        one.shutDown();
        Await.until(
                PATIENCE,
                () -> assertThat(toOther.send("GET", LEASE, "")).contains(second.toString()));
    }

    /** Servers of one cluster have one authority, as kube-apiservers do. */
    private static void copyPki(Path from, Path to) throws IOException {
        Files.createDirectories(to.resolve("pki"));
        for (String file : new String[] {"ca.crt", "ca.key", "sa.key", "admin.token"}) {
            Files.copy(from.resolve("pki").resolve(file), to.resolve("pki").resolve(file));
        }
    }

    private static String list(ApiClient client) throws IOException {
        return client.send("GET", CONFIG_MAPS, "");
    }

    private static String body(String name, int number) {
        return """
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}, "data": {"n": "%d"}}
        """
                .formatted(name, number);
    }
}
