package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.ExitStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;

/** What a pod's spec asks for when containers end. Pure. */
final class PodRules {

    private PodRules() {}

    /** Whether a container that ended so is started again. */
    static boolean restarts(Pod pod, ExitStatus status) {
        return switch (Objects.requireNonNullElse(pod.getSpec().getRestartPolicy(), "Always")) {
            case "Never" -> false;
            case "OnFailure" -> !status.isSuccess();
            default -> true;
        };
    }

    /** Whether no container, init containers aside, runs or waits to. */
    static boolean allEnded(Collection<ContainerLife> lives) {
        return lives.stream()
                .allMatch(life -> life.init || life.phase instanceof ContainerPhase.Ended);
    }

    static boolean allSucceeded(Collection<ContainerLife> lives) {
        return lives.stream()
                .allMatch(life ->
                        life.phase instanceof ContainerPhase.Ended ended && ended.exitCode() == 0);
    }

    /** From SIGTERM to SIGKILL. */
    static Duration gracePeriod(Pod pod) {
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (grace == null) {
            grace = pod.getSpec().getTerminationGracePeriodSeconds();
        }
        return Duration.ofSeconds(Objects.requireNonNullElse(grace, 30L));
    }
}
