package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of one container's newest run, which outlive the agent.
 *
 * <pre>
 * run.json     who it is
 * launch       what sets it up, for the shell that does so
 * out/stdout   raw output, appended to by its processes
 * out/stderr
 * cursor       how much of it is in the log
 * stdin        a pipe, if it has an input
 * exit         its exit code, written when it ends
 * </pre>
 */
record RunFolder(Path path) {

    /** An empty one, in the place of the run before. */
    static RunFolder fresh(Path path) throws IOException {
        Mounts.removeBelow(path);
        Files.createDirectories(path.resolve("out"));
        return new RunFolder(path);
    }

    Path record() {
        return path.resolve("run.json");
    }

    Path launch() {
        return path.resolve("launch");
    }

    Path output() {
        return path.resolve("out");
    }

    Path stdout() {
        return output().resolve("stdout");
    }

    Path stderr() {
        return output().resolve("stderr");
    }

    Path cursor() {
        return path.resolve("cursor");
    }

    Path stdin() {
        return path.resolve("stdin");
    }

    Path exit() {
        return path.resolve("exit");
    }

    Path holder() {
        return path.resolve("stdin.pid");
    }

    /** When {@code exit} was written; null if it is not there. */
    @Nullable Instant endedAt() throws IOException {
        return Files.exists(exit()) ? Files.getLastModifiedTime(exit()).toInstant() : null;
    }

    /** What {@code exit} says; empty before the end and if nobody could write it. */
    Optional<ExitStatus> exitStatus() throws IOException {
        if (!Files.exists(exit())) {
            return Optional.empty();
        }
        String text = Files.readString(exit()).strip();
        return text.matches("\\d{1,3}")
                ? Optional.of(new ExitStatus(Integer.parseInt(text)))
                : Optional.empty();
    }
}
