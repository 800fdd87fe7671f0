package dev.coracle.controllers.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads pods. */
public final class Pods {

    private Pods() {}

    /** The phase; {@code Pending} before a node-agent has spoken. */
    public static String phase(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getPhase() == null
                ? "Pending"
                : pod.getStatus().getPhase();
    }

    /** All containers have ended and none will start again. */
    public static boolean isFinished(Pod pod) {
        return phase(pod).equals("Succeeded") || phase(pod).equals("Failed");
    }

    public static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** Neither finished nor terminating. */
    public static boolean isActive(Pod pod) {
        return !isFinished(pod) && !isTerminating(pod);
    }

    public static boolean isReady(Pod pod) {
        return findCondition(pod, "Ready").filter(c -> "True".equals(c.getStatus())).isPresent();
    }

    /** When the pod became ready; empty if it is not. */
    public static Optional<Instant> findReadySince(Pod pod) {
        return findCondition(pod, "Ready")
                .filter(c -> "True".equals(c.getStatus()))
                .map(PodCondition::getLastTransitionTime)
                .map(Instant::parse);
    }

    /** Ready for at least {@code minReady} at {@code now}. */
    public static boolean isAvailable(Pod pod, Duration minReady, Instant now) {
        if (!isReady(pod)) {
            return false;
        }
        return minReady.isZero()
                || findReadySince(pod).filter(t -> !t.plus(minReady).isAfter(now)).isPresent();
    }

    /** Some pod is ready and has to stay so for a while until it is available. */
    public static boolean areSettling(List<Pod> pods, Duration minReady, Instant now) {
        return pods.stream().anyMatch(pod -> isReady(pod) && !isAvailable(pod, minReady, now));
    }

    /** {@code minReadySeconds}; absent is none. */
    public static Duration minReady(@Nullable Integer seconds) {
        return Duration.ofSeconds(seconds == null ? 0 : seconds);
    }

    public static Optional<PodCondition> findCondition(Pod pod, String type) {
        if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
            return Optional.empty();
        }
        return pod.getStatus().getConditions().stream()
                .filter(c -> type.equals(c.getType()))
                .findFirst();
    }
}
