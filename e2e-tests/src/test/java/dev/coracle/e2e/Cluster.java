package dev.coracle.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cluster started with {@code ./coracle up --detach}. The host carries one at a time; tests that
 * ask for the same options share it, and the last one is taken down when the JVM ends.
 */
final class Cluster {

    /** The repository: where {@code coracle} is. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The lock of what only one test at a time can use: the host's network, ports and cluster. */
    static final String HOST = "the host";

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static @Nullable Cluster running;

    static {
        Uplink.HOST.watch();
    }

    private final List<String> options;
    private final Path data;
    private final String output;

    private Cluster(List<String> options, Path data, String output) {
        this.options = options;
        this.data = data;
        this.output = output;
    }

    /** The running cluster with these options, with its state new or shared with earlier tests. */
    static synchronized Cluster with(String... options) {
        Cluster present = running;
        if (present != null && present.options.equals(List.of(options))) {
            return present;
        }
        stop();
        return start(newDirectory(), options);
    }

    /** Starts a cluster on a directory of the test's own; nothing else may be running. */
    static synchronized Cluster start(Path data, String... options) {
        List<String> command =
                new ArrayList<>(List.of("up", "--detach", "--data", data.toString()));
        command.addAll(List.of(options));
        String output = coracle(command.toArray(String[]::new)).orFail();
        Cluster started = new Cluster(List.of(options), data, output);
        if (running == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(Cluster::stop));
        }
        running = started;
        return started;
    }

    /** A cluster started otherwise, with its kubeconfig in {@code data}. */
    static Cluster at(Path data) {
        return new Cluster(List.of(), data, "");
    }

    /** Takes down whatever cluster runs. */
    static synchronized void stop() {
        running = null;
        coracle("down").orFail();
        int leaked = Uplink.HOST.leaked();
        if (leaked != 0) {
            throw new AssertionError(leaked + " packets of the cluster left the host");
        }
    }

    /** Runs the launcher. */
    static Shell.Result coracle(String... arguments) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("coracle").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(PATIENCE, Map.of(), command);
    }

    static Path newDirectory() {
        try {
            return Files.createTempDirectory("coracle-e2e");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Path data() {
        return data;
    }

    /** What {@code up} printed. */
    String output() {
        return output;
    }

    Path kubeconfig() {
        return data.resolve("kubeconfig");
    }

    /** Runs kubectl 1.32, as it came. */
    Shell.Result kubectl(String... arguments) {
        return Kubectl.run(kubeconfig(), arguments);
    }

    /** Applies a manifest given as text, into {@code namespace}. */
    void apply(String namespace, String yaml) {
        Path file = data.resolve("manifest-" + Math.abs(Objects.hash(namespace, yaml)) + ".yaml");
        try {
            Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        kubectl("-n", namespace, "apply", "-f", file.toString()).orFail();
    }

    /** One value by JSONPath; fails when the object is not there. */
    String get(String namespace, String object, String jsonPath) {
        return kubectl("-n", namespace, "get", object, "-o", "jsonpath=" + jsonPath)
                .orFail()
                .strip();
    }

    /** Makes a namespace of the test's own, empty. */
    String newNamespace(String prefix) {
        String name = prefix + "-" + Long.toString(System.nanoTime(), 36);
        apply("default", "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + "}\n");
        return name;
    }
}
