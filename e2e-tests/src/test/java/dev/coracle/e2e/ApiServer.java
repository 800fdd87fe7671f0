package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The API server alone, with its control loops and without nodes: what tests of the API itself
 * need. Shared by them; ends with the JVM.
 */
final class ApiServer {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static @Nullable ApiServer shared;

    private final Path data;
    private final int port;
    private final List<String> properties;
    private ServiceProcess process;

    private ApiServer(Path data, int port, String... properties) {
        this.data = data;
        this.port = port;
        this.properties = List.of(properties);
        this.process = launch();
    }

    /** The one that tests share. */
    static synchronized ApiServer shared() {
        ApiServer present = shared;
        if (present == null) {
            ApiServer started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::stop));
            shared = started;
            present = started;
        }
        return present;
    }

    /** One of the test's own, on a free port. */
    static ApiServer start(String... properties) {
        return new ApiServer(Cluster.newDirectory(), freePort(), properties);
    }

    /** One on state that is there, or on none. */
    static ApiServer start(Path data, String... properties) {
        return new ApiServer(data, freePort(), properties);
    }

    /** A port nobody listens on now. */
    static int freePort() {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServiceProcess launch() {
        List<String> settings =
                new ArrayList<>(
                        List.of("server.port=" + port, "coracle.apiserver.data-directory=" + data));
        settings.addAll(properties);
        ServiceProcess started =
                ServiceProcess.start(
                        "api-server",
                        data.resolve("api-server.log"),
                        settings.toArray(String[]::new));
        try {
            awaitReady(started);
        } catch (RuntimeException | AssertionError e) {
            started.kill();
            throw e;
        }
        return started;
    }

    private void awaitReady(ServiceProcess started) {
        Await.until(
                PATIENCE,
                () -> {
                    started.assertRunning();
                    assertThat(
                                    Shell.run(
                                                    "curl",
                                                    "-skf",
                                                    "https://127.0.0.1:" + port + "/readyz")
                                            .output())
                            .isEqualTo("ok");
                });
    }

    Path data() {
        return data;
    }

    int port() {
        return port;
    }

    ApiClient client() throws IOException {
        return ApiClient.of(data, port);
    }

    Path kubeconfig() {
        return data.resolve("kubeconfig");
    }

    String kubeconfigText() {
        try {
            return Files.readString(kubeconfig());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}, and a start on the same state and port. */
    void crashAndRestart() {
        process.kill();
        process = launch();
    }

    void stop() {
        process.kill();
    }

    /** Ends it in order. */
    void shutDown() {
        process.close();
    }

    /** Runs kubectl 1.32. */
    Shell.Result kubectl(String... arguments) {
        return Kubectl.run(kubeconfig(), arguments);
    }

    /** Makes a namespace of the test's own; its service account is there when this returns. */
    String newNamespace(String prefix) {
        String name = prefix + "-" + Long.toString(System.nanoTime(), 36);
        kubectl("create", "namespace", name).orFail();
        kubectl("-n", name, "wait", "serviceaccount/default", "--for=create", "--timeout=30s")
                .orFail();
        return name;
    }

    /** Runs a program with this server's kubeconfig. */
    Shell.Result run(String... command) {
        return Shell.run(
                Duration.ofMinutes(2),
                Map.of("KUBECONFIG", kubeconfig().toString()),
                List.of(command));
    }
}
