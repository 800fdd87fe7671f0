package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cluster of {@code docker-compose.yml}, started once for all tests and removed with its
 * volumes when the JVM ends. Its images must have been made; see {@code docker/test}.
 */
final class Compose {

    static final String PROJECT = "coracle-e2e";
    static final List<String> SERVICES =
            List.of(
                    "api-server",
                    "node-1",
                    "node-2",
                    "node-3",
                    "dns-service",
                    "cloud-lb-emulator",
                    "ingress-gateway");

    /** Whether a cluster that is there is used, and left. */
    private static final boolean KEEP = Boolean.getBoolean("compose.keep");

    /** Beside what may run on the machine. */
    private static final Map<String, String> PORTS =
            Map.of(
                    "API_PORT", "16443",
                    "INGRESS_PORT", "18080",
                    "INGRESS_TLS_PORT", "18443",
                    "PROVIDER_PORT", "18092",
                    "LOAD_BALANCER_PORTS", "18100-18119");

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static @Nullable Cluster running;

    private Compose() {}

    /** The running cluster. */
    static synchronized Cluster cluster() {
        if (running == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(Compose::remove));
            if (!KEEP || !health("api-server").equals("healthy")) {
                run("down", "--volumes", "--remove-orphans").orFail();
                String _ = run("up", "--detach").orFail();
            }
            awaitHealthy();
            running = Cluster.at(Cluster.newDirectory());
            takeKubeconfig();
        }
        return Objects.requireNonNull(running);
    }

    /** Runs docker-compose on the project. */
    static Shell.Result run(String... arguments) {
        return run(PATIENCE, arguments);
    }

    private static Shell.Result run(Duration patience, String... arguments) {
        List<String> command = new ArrayList<>(program());
        command.addAll(List.of("--project-name", PROJECT));
        command.addAll(List.of("--file", Cluster.ROOT.resolve("docker-compose.yml").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(patience, new HashMap<>(PORTS), command);
    }

    /** Runs docker on the container of a service; {@code {}} stands for it. */
    static String docker(String service, String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        for (String argument : arguments) {
            command.add(argument.equals("{}") ? container(service) : argument);
        }
        return Shell.run(PATIENCE, Map.of(), command).orFail();
    }

    /** Waits until every service says that it is well. */
    static void awaitHealthy() {
        Await.until(
                PATIENCE,
                () -> {
                    for (String service : SERVICES) {
                        assertThat(health(service)).as(service).isEqualTo("healthy");
                    }
                });
    }

    /** {@code healthy}, {@code unhealthy}, {@code starting}, or what the engine says instead. */
    static String health(String service) {
        return Shell.run(
                        "docker",
                        "inspect",
                        "--format",
                        "{{if .State.Running}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}",
                        container(service))
                .output()
                .strip();
    }

    /** What a service has printed so far. */
    static String log(String service) {
        return docker(service, "logs", "{}");
    }

    static String container(String service) {
        String label = "label=com.docker.compose.";
        String id =
                Shell.run(
                                "docker",
                                "ps",
                                "--all",
                                "--quiet",
                                "--filter",
                                label + "project=" + PROJECT,
                                "--filter",
                                label + "service=" + service)
                        .output()
                        .strip();
        return id.isEmpty() || id.contains("\n") ? service + "-has-no-container" : id;
    }

    /** Copies the administrator's kubeconfig out of the API server's container. */
    private static void takeKubeconfig() {
        try {
            Files.writeString(
                    Cluster.at(Objects.requireNonNull(running).data()).kubeconfig(),
                    docker("api-server", "exec", "{}", "cat", "/var/lib/coracle/kubeconfig"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> program() {
        for (String folder : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, "docker-compose"))) {
                return List.of("docker-compose");
            }
        }
        return List.of("docker", "compose");
    }

    private static void remove() {
        if (!KEEP) {
            run("down", "--volumes", "--remove-orphans", "--timeout", "5").orFail();
        }
    }
}
