package dev.coracle.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The kubectl on the PATH; where that only chooses among several (Google's packaging), the 1.32
 * beside it. When there is none the tests that need it fail, and say so.
 */
final class Kubectl {

    private static final Path PROGRAM = find();

    private Kubectl() {}

    static Path program() {
        return PROGRAM;
    }

    static Shell.Result run(Path kubeconfig, String... arguments) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(arguments));
        return Shell.run(
                Duration.ofMinutes(2), Map.of("KUBECONFIG", kubeconfig.toString()), command);
    }

    private static Path find() {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            Path candidate = Path.of(directory, "kubectl");
            if (Files.isExecutable(candidate)) {
                try {
                    Path exact = candidate.toRealPath().resolveSibling("kubectl.1.32");
                    return Files.isExecutable(exact) ? exact : candidate;
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
        throw new AssertionError(
                "kubectl is not on the PATH: the end-to-end tests drive it; install kubectl 1.32");
    }
}
