package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which taints a pod puts up with. */
public final class Tolerations {

    private Tolerations() {}

    static boolean tolerates(Pod pod, Taint taint) {
        return find(pod, taint).isPresent();
    }

    /**
     * How long a pod may stay on a node with {@code taints}: not at all if it does not tolerate one
     * of them, else the least of the {@code tolerationSeconds}; empty: for ever.
     */
    public static Optional<Duration> findStay(Pod pod, List<Taint> taints) {
        Optional<Duration> least = Optional.empty();
        for (Taint taint : taints) {
            Optional<Toleration> toleration = find(pod, taint);
            if (toleration.isEmpty()) {
                return Optional.of(Duration.ZERO);
            }
            Long seconds = toleration.get().getTolerationSeconds();
            if (seconds != null) {
                Duration stay = Duration.ofSeconds(Math.max(0, seconds));
                least =
                        least.filter(known -> known.compareTo(stay) <= 0)
                                .or(() -> Optional.of(stay));
            }
        }
        return least;
    }

    private static Optional<Toleration> find(Pod pod, Taint taint) {
        List<Toleration> tolerations = pod.getSpec().getTolerations();
        return tolerations == null
                ? Optional.empty()
                : tolerations.stream().filter(t -> matches(t, taint)).findFirst();
    }

    private static boolean matches(Toleration toleration, Taint taint) {
        if (isSet(toleration.getEffect()) && !toleration.getEffect().equals(taint.getEffect())) {
            return false;
        }
        if (isSet(toleration.getKey()) && !toleration.getKey().equals(taint.getKey())) {
            return false;
        }
        if ("Exists".equals(toleration.getOperator())) {
            return true;
        }
        String value = toleration.getValue() == null ? "" : toleration.getValue();
        return isSet(toleration.getKey())
                && value.equals(taint.getValue() == null ? "" : taint.getValue());
    }

    private static boolean isSet(String text) {
        return text != null && !text.isEmpty();
    }
}
