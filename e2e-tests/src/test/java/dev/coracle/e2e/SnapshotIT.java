package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code coracle snapshot}: out of a running cluster on H2, and into a PostgreSQL database. */
@ResourceLock(Cluster.HOST)
class SnapshotIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void movesTheObjectsToAnotherDatabase() throws Exception {
        Path saved = Cluster.newDirectory().resolve("saved");
        Cluster cluster = Cluster.with();
        String namespace = cluster.newNamespace("snapshot");
        String _ =
                cluster.kubectl(
                                "-n",
                                namespace,
                                "create",
                                "configmap",
                                "kept",
                                "--from-literal=a=b")
                        .orFail();
        assertThat(Cluster.coracle("snapshot", "save", saved.toString()).orFail())
                .contains("objects at revision");
        assertThat(Files.getPosixFilePermissions(saved)).hasSize(2);
        assertThat(
                        Cluster.coracle(
                                        "snapshot",
                                        "restore",
                                        saved.toString(),
                                        "--data",
                                        cluster.data().toString())
                                .output())
                .contains("the cluster is running");
        String path = "/api/v1/namespaces/" + namespace + "/configmaps/kept";
        try (PostgresServer postgres = PostgresServer.create()) {
            String database = postgres.newDatabase();
            assertThat(
                            Cluster.coracle(
                                            "snapshot",
                                            "restore",
                                            saved.toString(),
                                            "--database",
                                            database)
                                    .orFail())
                    .contains("objects restored");
            Path data = Cluster.newDirectory();
            int port = ApiServer.freePort();
            try (ServiceProcess server =
                    ServiceProcess.start(
                            "api-server",
                            data.resolve("api-server.log"),
                            "server.port=" + port,
                            "coracle.apiserver.data-directory=" + data,
                            "coracle.apiserver.database=" + database,
                            "coracle.apiserver.controllers=false")) {
                Await.until(
                        PATIENCE,
                        () -> {
                            server.assertRunning();
                            assertThat(get(data, port, path)).contains("\"data\":{\"a\":\"b\"}");
                        });
            }
        }
    }

    private static String get(Path data, int port, String path) {
        try (ApiClient client = ApiClient.of(data, port)) {
            return client.send("GET", path, "");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
