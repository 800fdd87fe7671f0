package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One file of {@code images.d}: references that match {@code glob} run from the node's own file
 * system.
 */
record ImageEntry(
        @JsonProperty("glob") @Nullable String rawGlob,
        @JsonProperty("entrypoint") @Nullable List<String> entrypoint,
        @JsonProperty("cmd") @Nullable List<String> cmd,
        @JsonProperty("env") @Nullable Map<String, String> env,
        @JsonProperty("workingDirectory") @Nullable String workingDirectory,
        @JsonProperty("user") @Nullable String user) {

    String glob() {
        if (rawGlob == null || rawGlob.isEmpty()) {
            throw new IllegalArgumentException("an image entry needs 'glob'");
        }
        return rawGlob;
    }

    Image image() {
        return new Image(
                glob() + "@images.d",
                Objects.requireNonNullElse(entrypoint, List.of()),
                Objects.requireNonNullElse(cmd, List.of()),
                Objects.requireNonNullElse(env, Map.of()),
                Objects.requireNonNullElse(workingDirectory, "/"),
                Objects.requireNonNullElse(user, ""),
                false);
    }
}
