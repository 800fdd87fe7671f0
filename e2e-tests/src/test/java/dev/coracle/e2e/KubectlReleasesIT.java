package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every release of kubectl that the field still uses runs {@code kubectl/script.txt} and prints
 * what its transcript says. Transcripts are rewritten by {@code -Dgolden.update=true}.
 */
@Order(2)
class KubectlReleasesIT {

    private static final Path SCRIPTS = Path.of("src/test/resources/kubectl").toAbsolutePath();

    // lists of cluster-scoped kinds and groups must not show what other tests make
    private static final ApiServer SERVER = ApiServer.start();

    @AfterAll
    static void stop() {
        SERVER.stop();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"27", "28", "29", "30", "31", "32", "33"})
    void printsItsTranscript(String minor) throws IOException {
        Path programs = Cluster.newDirectory();
        Files.createSymbolicLink(programs.resolve("kubectl"), release(minor));
        String namespace = SERVER.newNamespace("kubectl");
        Path kubeconfig = programs.resolve("kubeconfig");
        Files.copy(SERVER.kubeconfig(), kubeconfig);
        Map<String, String> environment =
                Map.of(
                        "KUBECONFIG",
                        kubeconfig.toString(),
                        "PATH",
                        programs + ":" + System.getenv("PATH"),
                        "HOME",
                        programs.toString(),
                        "MINOR",
                        minor,
                        "NAMESPACE",
                        namespace);
        run(environment, "kubectl config set-context --current --namespace=" + namespace).orFail();

        StringBuilder transcript = new StringBuilder();
        for (String line : Files.readAllLines(SCRIPTS.resolve("script.txt"))) {
            if (!line.startsWith("#")) {
                Shell.Result result = run(environment, line);
                transcript
                        .append("$ ")
                        .append(line)
                        .append('\n')
                        .append(normalized(result.output(), namespace, minor))
                        .append(result.exitCode() == 0 ? "" : "[" + result.exitCode() + "]\n")
                        .append('\n');
            }
        }

        Path golden = SCRIPTS.resolve("transcript-1." + minor + ".txt");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, transcript);
        }
        assertThat(transcript.toString()).isEqualTo(Files.readString(golden));
    }

    /** The release beside the kubectl on the PATH; the test fails where there is none. */
    private static Path release(String minor) {
        Path release = Kubectl.program().resolveSibling("kubectl.1." + minor);
        if (!Files.isExecutable(release)) {
            throw new AssertionError(
                    "kubectl 1."
                            + minor
                            + " is not installed as "
                            + release
                            + ": this release is NOT tested");
        }
        return release;
    }

    private static Shell.Result run(Map<String, String> environment, String line) {
        return Shell.run(
                Duration.ofMinutes(2),
                environment,
                List.of("bash", "-c", "cd '" + SCRIPTS + "'; set -o pipefail; " + line));
    }

    /** Without what differs from run to run: names, ages, times, and the width of columns. */
    private static String normalized(String output, String namespace, String minor) {
        String text =
                output.replaceAll(
                                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                                "UID")
                        .replace(namespace, "NAMESPACE")
                        .replace("-" + minor, "-MINOR")
                        .replaceAll("([Ff]robs?)" + minor, "$1MINOR")
                        .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "TIME")
                        .replaceAll("\\b10\\.96\\.\\d+\\.\\d+", "CLUSTER-IP")
                        .replaceAll("\\b\\d+[smhd](\\d+[smh])?(?= |$|\\n)", "AGE")
                        .replaceAll("(?m)[ \\t]+$", "")
                        .replaceAll(" {2,}|\\t+", "  ");
        return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
    }
}
