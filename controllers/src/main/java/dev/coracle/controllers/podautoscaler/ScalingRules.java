package dev.coracle.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicy;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How far and how fast one autoscaler may go: what it recommended and did before decides with what
 * it recommends now.
 */
final class ScalingRules {

    /** Without a behaviour of its own an autoscaler goes down to the most of this time. */
    private static final Duration DOWN = Duration.ofMinutes(5);

    private static final Duration REMEMBERED = Duration.ofHours(1);
    private static final int LEAST_UP = 4;

    private final List<Noted> recommendations = new ArrayList<>();
    private final List<Noted> changes = new ArrayList<>();

    /** A number of replicas, or a change of it, and when. */
    private record Noted(Instant time, int count) {}

    /**
     * What is to be done.
     *
     * @param replicas the number to go to
     * @param ableReason of condition AbleToScale
     * @param limited whether a rule made it another number
     * @param limitReason of condition ScalingLimited
     */
    record Decision(
            int replicas,
            String ableReason,
            String ableMessage,
            boolean limited,
            String limitReason,
            String limitMessage) {}

    private record Limit(int replicas, String reason, String message) {}

    /** What it has when it is seen first counts as recommended. */
    void begin(int current, Instant now) {
        if (recommendations.isEmpty()) {
            recommendations.add(new Noted(now, current));
        }
    }

    /** Says that the target was scaled. */
    void scaled(int from, int to, Instant now) {
        changes.add(new Noted(now, to - from));
    }

    Decision decide(HorizontalPodAutoscaler autoscaler, int current, int proposed, Instant now) {
        forget(now);
        HorizontalPodAutoscalerBehavior behavior = autoscaler.getSpec().getBehavior();
        boolean up = proposed >= current;
        Duration window =
                behavior == null
                        ? DOWN
                        : window(up ? behavior.getScaleUp() : behavior.getScaleDown(), up);
        int stable = stabilized(proposed, behavior == null || !up, window, now);
        recommendations.add(new Noted(now, proposed));
        Limit limit = limited(autoscaler, current, stable, now);
        boolean isStabilized = stable != proposed;
        return new Decision(
                limit.replicas(),
                !isStabilized
                        ? "ReadyForNewScale"
                        : behavior != null && up ? "ScaleUpStabilized" : "ScaleDownStabilized",
                !isStabilized
                        ? "recommended size matches current size"
                        : behavior != null && up
                                ? "recent recommendations were lower than current one, applying the"
                                        + " lowest recent recommendation"
                                : "recent recommendations were higher than current one, applying the"
                                        + " highest recent recommendation",
                limit.replicas() != stable,
                limit.reason(),
                limit.message());
    }

    private void forget(Instant now) {
        recommendations.removeIf(noted -> noted.time().plus(REMEMBERED).isBefore(now));
        changes.removeIf(noted -> noted.time().plus(REMEMBERED).isBefore(now));
    }

    private static Duration window(@Nullable HPAScalingRules rules, boolean up) {
        Integer seconds = rules == null ? null : rules.getStabilizationWindowSeconds();
        return seconds != null ? Duration.ofSeconds(seconds) : up ? Duration.ZERO : DOWN;
    }

    private int stabilized(int proposed, boolean highest, Duration window, Instant now) {
        Instant since = now.minus(window);
        IntBinaryOperator better = highest ? Math::max : Math::min;
        return recommendations.stream()
                .filter(noted -> noted.time().isAfter(since))
                .mapToInt(Noted::count)
                .reduce(proposed, better);
    }

    private Limit limited(
            HorizontalPodAutoscaler autoscaler, int current, int wanted, Instant now) {
        int least =
                autoscaler.getSpec().getMinReplicas() == null
                        ? 1
                        : autoscaler.getSpec().getMinReplicas();
        int most = autoscaler.getSpec().getMaxReplicas();
        HorizontalPodAutoscalerBehavior behavior = autoscaler.getSpec().getBehavior();
        int fastest =
                behavior == null
                        ? Math.max(2 * current, LEAST_UP)
                        : wanted > current
                                ? Math.max(current, upLimit(behavior.getScaleUp(), current, now))
                                : Integer.MAX_VALUE;
        if (wanted > Math.min(most, fastest)) {
            return most > fastest
                    ? new Limit(
                            fastest,
                            "ScaleUpLimit",
                            "the desired replica count is increasing faster than the maximum scale"
                                    + " rate")
                    : new Limit(
                            most,
                            "TooManyReplicas",
                            "the desired replica count is more than the maximum replica count");
        }
        int slowest =
                behavior != null && wanted < current
                        ? Math.min(current, downLimit(behavior.getScaleDown(), current, now))
                        : 0;
        if (wanted < Math.max(least, slowest)) {
            return least < slowest
                    ? new Limit(
                            slowest,
                            "ScaleDownLimit",
                            "the desired replica count is decreasing faster than the maximum scale"
                                    + " rate")
                    : new Limit(
                            least,
                            "TooFewReplicas",
                            "the desired replica count is less than the minimum replica count");
        }
        return new Limit(
                wanted, "DesiredWithinRange", "the desired count is within the acceptable range");
    }

    private int upLimit(@Nullable HPAScalingRules rules, int current, Instant now) {
        if (rules == null || "Disabled".equals(rules.getSelectPolicy())) {
            return current;
        }
        IntBinaryOperator select = "Min".equals(rules.getSelectPolicy()) ? Math::min : Math::max;
        return rules.getPolicies().stream()
                .mapToInt(policy -> {
                    int before = before(policy, current, now);
                    return policy.getType().equals("Pods")
                            ? before + policy.getValue()
                            : (int) Math.ceil(before * (100.0 + policy.getValue()) / 100);
                })
                .reduce(select)
                .orElse(Integer.MAX_VALUE);
    }

    private int downLimit(@Nullable HPAScalingRules rules, int current, Instant now) {
        if (rules == null || "Disabled".equals(rules.getSelectPolicy())) {
            return current;
        }
        // the largest change makes the smallest number
        IntBinaryOperator select = "Min".equals(rules.getSelectPolicy()) ? Math::max : Math::min;
        return rules.getPolicies().stream()
                .mapToInt(policy -> {
                    int before = before(policy, current, now);
                    return policy.getType().equals("Pods")
                            ? before - policy.getValue()
                            : (int) (before * (100.0 - policy.getValue()) / 100);
                })
                .reduce(select)
                .orElse(0);
    }

    /** What there was at the beginning of the policy's period. */
    private int before(HPAScalingPolicy policy, int current, Instant now) {
        Instant since = now.minusSeconds(policy.getPeriodSeconds());
        return current
                - changes.stream()
                        .filter(change -> change.time().isAfter(since))
                        .mapToInt(Noted::count)
                        .sum();
    }
}
