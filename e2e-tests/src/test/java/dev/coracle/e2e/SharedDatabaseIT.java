package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.testkit.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Two API servers on one PostgreSQL database, as kubectl and watches see them. */
@Order(6)
class SharedDatabaseIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String LEASE =
            "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";

    @Test
    void serveOneCluster() throws Exception {
        Path first = Cluster.newDirectory();
        Path second = Cluster.newDirectory();
        try (PostgresServer postgres = PostgresServer.create()) {
            String database = postgres.newDatabase();
            int onePort = anyFreePort();
            int otherPort = anyFreePort();
            try (ServiceProcess one = start(first, onePort, database)) {
                copyPki(first, second);
                try (ServiceProcess other = start(second, otherPort, database);
                        ApiClient toOne = ApiClient.of(first, onePort);
                        ApiClient toOther = ApiClient.of(second, otherPort)) {
                    eachSeesTheOthersWrites(toOne, toOther);
                    writesAreRefusedAndWatchesStayWhileTheDatabaseIsAway(postgres, toOne, toOther);
                    controllersMoveToTheOther(one, toOther, first, second);
                    other.assertRunning();
                }
            }
        }
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
    private static void controllersMoveToTheOther(
            ServiceProcess one, ApiClient toOther, Path first, Path second) {
        Await.until(
                PATIENCE,
                () -> assertThat(toOther.send("GET", LEASE, "")).contains(first.toString()));
        one.close();
        Await.until(
                PATIENCE,
                () -> assertThat(toOther.send("GET", LEASE, "")).contains(second.toString()));
    }

    private static ServiceProcess start(Path data, int port, String database) {
        ServiceProcess server =
                ServiceProcess.start(
                        "api-server",
                        data.resolve("api-server.log"),
                        "server.port=" + port,
                        "coracle.apiserver.data-directory=" + data,
                        "coracle.apiserver.database=" + database);
        try {
            Await.until(
                    PATIENCE,
                    () -> {
                        server.assertRunning();
                        try (ApiClient client = ApiClient.of(data, port)) {
                            client.send("GET", "/readyz", "");
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
        } catch (RuntimeException | AssertionError e) {
            server.kill();
            throw e;
        }
        return server;
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

    private static int anyFreePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
