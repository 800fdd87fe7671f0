package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.ContainerMetrics;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pod of a target, as far as one metric goes. All amounts are thousandths.
 *
 * @param used what it uses; null if nobody knows
 * @param requested what it requests
 * @param state whether it counts
 */
record PodUse(String name, @Nullable Long used, long requested, State state) {

    /** A pod whose start uses more CPU than its work does not count for so long. */
    private static final Duration STARTING = Duration.ofMinutes(5);

    private static final Duration FIRST_READINESS = Duration.ofSeconds(30);
    private static final Duration WINDOW = Duration.ofSeconds(30);

    /** Whether a pod's use says something about the load. */
    enum State {
        READY,
        /** Not ready, or just started: its use says nothing. */
        UNREADY,
        /** Gone or going: it is no pod of the target any more. */
        ENDED
    }

    /** A request without which a share of it cannot be said. */
    static final class MissingRequestException extends RuntimeException {
        MissingRequestException(String message) {
            super(message);
        }
    }

    /**
     * What a pod uses of a resource.
     *
     * @param container only this one; null for all
     * @param metrics null if there are none
     * @param asShare whether the request is needed
     * @throws MissingRequestException if it is needed and not there
     */
    static PodUse of(
            Pod pod,
            @Nullable PodMetrics metrics,
            String resource,
            @Nullable String container,
            boolean asShare,
            Instant now) {
        State state = state(pod, metrics, resource, now);
        return new PodUse(
                pod.getMetadata().getName(),
                metrics == null ? null : used(metrics, resource, container),
                asShare && state != State.ENDED ? requested(pod, resource, container) : 0,
                state);
    }

    private static @Nullable Long used(
            PodMetrics metrics, String resource, @Nullable String container) {
        long sum = 0;
        boolean found = false;
        for (ContainerMetrics one : metrics.getContainers()) {
            if (container == null || container.equals(one.getName())) {
                Quantity amount = one.getUsage().get(resource);
                if (amount == null) {
                    return null;
                }
                sum += thousandths(amount);
                found = true;
            }
        }
        return found ? sum : null;
    }

    private static long requested(Pod pod, String resource, @Nullable String container) {
        List<Container> containers = new ArrayList<>(pod.getSpec().getContainers());
        for (Container init :
                Optional.ofNullable(pod.getSpec().getInitContainers()).orElse(List.of())) {
            if ("Always".equals(init.getRestartPolicy())) {
                containers.add(init);
            }
        }
        long sum = 0;
        for (Container one : containers) {
            if (container == null || container.equals(one.getName())) {
                Quantity amount = request(one.getResources()).get(resource);
                if (amount == null) {
                    throw new MissingRequestException(
                            "missing request for %s in container %s of Pod %s"
                                    .formatted(
                                            resource, one.getName(), pod.getMetadata().getName()));
                }
                sum += thousandths(amount);
            }
        }
        return sum;
    }

    private static Map<String, Quantity> request(@Nullable ResourceRequirements resources) {
        return resources == null || resources.getRequests() == null
                ? Map.of()
                : resources.getRequests();
    }

    static long thousandths(Quantity quantity) {
        return quantity.getNumericalAmount()
                .multiply(BigDecimal.valueOf(1000))
                .setScale(0, RoundingMode.CEILING)
                .longValue();
    }

    private static State state(
            Pod pod, @Nullable PodMetrics metrics, String resource, Instant now) {
        if (Pods.isTerminating(pod) || Pods.isFinished(pod)) {
            return State.ENDED;
        }
        if (Pods.phase(pod).equals("Pending")) {
            return State.UNREADY;
        }
        if (metrics == null || !resource.equals("cpu")) {
            return State.READY;
        }
        Optional<PodCondition> ready = Pods.findCondition(pod, "Ready");
        String started = pod.getStatus().getStartTime();
        if (ready.isEmpty() || started == null) {
            return State.UNREADY;
        }
        boolean isReady = "True".equals(ready.get().getStatus());
        Instant start = Instant.parse(started);
        Instant since = Instant.parse(ready.get().getLastTransitionTime());
        if (start.plus(STARTING).isAfter(now)) {
            // figures from before it was ready are those of its start
            Instant measured = Instant.parse(metrics.getTimestamp());
            return isReady && !measured.isBefore(since.plus(WINDOW)) ? State.READY : State.UNREADY;
        }
        boolean neverReady = !isReady && start.plus(FIRST_READINESS).isAfter(since);
        return neverReady ? State.UNREADY : State.READY;
    }
}
