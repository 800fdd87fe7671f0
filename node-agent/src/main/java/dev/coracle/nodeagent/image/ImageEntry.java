package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One file of {@code images.d}: references that match {@code glob} run from the folder {@code root}
 * of the node, or from its whole file system.
 */
record ImageEntry(
        @JsonProperty("glob") @Nullable String rawGlob,
        @JsonProperty("entrypoint") @Nullable List<String> entrypoint,
        @JsonProperty("cmd") @Nullable List<String> cmd,
        @JsonProperty("env") @Nullable Map<String, String> env,
        @JsonProperty("workingDirectory") @Nullable String workingDirectory,
        @JsonProperty("user") @Nullable String user,
        @JsonProperty("root") @Nullable String root,
        @JsonProperty("stopSignal") @Nullable String stopSignal) {

    String glob() {
        if (rawGlob == null || rawGlob.isEmpty()) {
            throw new IllegalArgumentException("an image entry needs 'glob'");
        }
        return rawGlob;
    }

    /** A signal as kill(1) has it. */
    static String signal(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.isEmpty() ? "TERM" : upper.startsWith("SIG") ? upper.substring(3) : upper;
    }

    Image image() {
        return new Image(
                glob() + "@images.d",
                Objects.requireNonNullElse(entrypoint, List.of()),
                Objects.requireNonNullElse(cmd, List.of()),
                Objects.requireNonNullElse(env, Map.of()),
                Objects.requireNonNullElse(workingDirectory, "/"),
                Objects.requireNonNullElse(user, ""),
                false,
                new Image.Content(
                        root == null || root.equals("/") ? null : Path.of(root),
                        signal(Objects.requireNonNullElse(stopSignal, "")),
                        "",
                        List.of()));
    }
}
