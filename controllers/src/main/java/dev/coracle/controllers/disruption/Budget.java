package dev.coracle.controllers.disruption;

import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.pod.Shares;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A budget's status from the pods it is about. */
final class Budget {

    /** A pod that was evicted and is still there after this long is there to stay. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String ALLOWED = "DisruptionAllowed";

    private Budget() {}

    /** Whether the number of pods there should be comes from their controllers. */
    static boolean asksControllers(PodDisruptionBudget budget) {
        IntOrString least = budget.getSpec().getMinAvailable();
        return budget.getSpec().getMaxUnavailable() != null
                || (least != null && least.getIntVal() == null);
    }

    /**
     * A copy with its new status.
     *
     * @param expected how many pods there should be
     */
    static PodDisruptionBudget of(
            PodDisruptionBudget budget, List<Pod> pods, int expected, Instant now) {
        Map<String, String> disrupted = stillDisrupted(budget, pods, now);
        int healthy =
                (int)
                        pods.stream()
                                .filter(pod -> !Pods.isTerminating(pod))
                                .filter(pod -> !disrupted.containsKey(pod.getMetadata().getName()))
                                .filter(Pods::isReady)
                                .count();
        int desired = desired(budget, expected);
        int allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
        return new PodDisruptionBudgetBuilder(budget)
                .withNewStatus()
                .withExpectedPods(expected)
                .withCurrentHealthy(healthy)
                .withDesiredHealthy(desired)
                .withDisruptionsAllowed(allowed)
                .withDisruptedPods(disrupted)
                .withObservedGeneration(budget.getMetadata().getGeneration())
                .withConditions(
                        conditions(
                                budget,
                                allowed > 0 ? "True" : "False",
                                allowed > 0 ? "SufficientPods" : "InsufficientPods",
                                "",
                                now))
                .endStatus()
                .build();
    }

    /** A copy whose status says why nothing can be said; nothing may be taken away. */
    static PodDisruptionBudget failed(PodDisruptionBudget budget, String why, Instant now) {
        return new PodDisruptionBudgetBuilder(budget)
                .editOrNewStatus()
                .withDisruptionsAllowed(0)
                .withConditions(conditions(budget, "False", "SyncFailed", why, now))
                .endStatus()
                .build();
    }

    private static int desired(PodDisruptionBudget budget, int expected) {
        IntOrString most = budget.getSpec().getMaxUnavailable();
        if (most != null) {
            return Math.max(0, expected - Shares.of(most, expected, RoundingMode.UP));
        }
        IntOrString least = budget.getSpec().getMinAvailable();
        return least == null ? 1 : Shares.of(least, expected, RoundingMode.UP);
    }

    private static Map<String, String> stillDisrupted(
            PodDisruptionBudget budget, List<Pod> pods, Instant now) {
        Map<String, String> still = new TreeMap<>();
        if (budget.getStatus() == null || budget.getStatus().getDisruptedPods() == null) {
            return still;
        }
        budget.getStatus()
                .getDisruptedPods()
                .forEach((name, since) -> {
                    boolean isHere =
                            pods.stream()
                                    .anyMatch(p ->
                                            p.getMetadata().getName().equals(name)
                                                    && !Pods.isTerminating(p));
                    if (isHere && Instant.parse(since).plus(PATIENCE).isAfter(now)) {
                        still.put(name, since);
                    }
                });
        return still;
    }

    private static List<Condition> conditions(
            PodDisruptionBudget budget, String status, String reason, String message, Instant now) {
        List<Condition> conditions = new ArrayList<>();
        String since = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (budget.getStatus() != null && budget.getStatus().getConditions() != null) {
            for (Condition known : budget.getStatus().getConditions()) {
                if (!known.getType().equals(ALLOWED)) {
                    conditions.add(known);
                } else if (known.getStatus().equals(status)) {
                    since = known.getLastTransitionTime();
                }
            }
        }
        conditions.add(
                new ConditionBuilder()
                        .withType(ALLOWED)
                        .withStatus(status)
                        .withReason(reason)
                        .withMessage(message)
                        .withObservedGeneration(budget.getMetadata().getGeneration())
                        .withLastTransitionTime(since)
                        .build());
        return conditions;
    }
}
