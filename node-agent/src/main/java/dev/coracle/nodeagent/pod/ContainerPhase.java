package dev.coracle.nodeagent.pod;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What {@code containerStatuses[].state} says. */
sealed interface ContainerPhase {

    /** Not running, but will be. */
    record Waiting(String reason, @Nullable String message) implements ContainerPhase {}

    /** Running since. */
    record Running(Instant startedAt) implements ContainerPhase {}

    /** Ended. */
    record Ended(
            String containerId,
            int exitCode,
            String reason,
            @Nullable String message,
            Instant startedAt,
            Instant finishedAt)
            implements ContainerPhase {}
}
