package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a container does before it is asked to end (Kubernetes: Container Lifecycle Hooks). */
sealed interface PreStop {

    /** What a container has left after a hook that took all of the grace period. */
    Duration SHORTEST_GRACE = Duration.ofSeconds(2);

    /** Nothing. */
    record None() implements PreStop {}

    /** It goes on for a time. */
    record Sleep(Duration time) implements PreStop {}

    /** A command in it. */
    record Exec(List<String> command) implements PreStop {}

    static PreStop of(Container container) {
        LifecycleHandler hook =
                container.getLifecycle() == null ? null : container.getLifecycle().getPreStop();
        if (hook == null) {
            return new None();
        }
        if (hook.getSleep() != null) {
            return new Sleep(
                    Duration.ofSeconds(
                            Objects.requireNonNullElse(hook.getSleep().getSeconds(), 0L)));
        }
        return hook.getExec() == null
                ? new None()
                : new Exec(List.copyOf(hook.getExec().getCommand()));
    }

    /** Whether the container has hooks of other kinds. */
    static boolean isUnsupported(Container container) {
        if (container.getLifecycle() == null) {
            return false;
        }
        LifecycleHandler hook = container.getLifecycle().getPreStop();
        return container.getLifecycle().getPostStart() != null
                || (hook != null && (hook.getHttpGet() != null || hook.getTcpSocket() != null));
    }

    /** Runs a command; what went wrong, if anything did. */
    static Optional<String> run(RunningContainer run, List<String> command, Duration grace) {
        try {
            int code = run.exec(command, grace);
            return code == 0
                    ? Optional.empty()
                    : Optional.of("PreStopHook failed: exit code " + code);
        } catch (IOException e) {
            return Optional.of("PreStopHook failed: " + e.getMessage());
        }
    }
}
