package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The status of a ReplicaSet from its pods. */
final class ReplicaSetStatusTranslation {

    private static final String FAILURE = "ReplicaFailure";

    /** Pods that exist, carry all labels of the template, are ready, are available. */
    record Counts(int replicas, int fullyLabeled, int ready, int available) {}

    /** Why there are not as many pods as asked for: the reason and message of the condition. */
    record Failure(String reason, String message) {

        static Failure toCreate(String message) {
            return new Failure("FailedCreate", message);
        }

        static Failure toDelete(String message) {
            return new Failure("FailedDelete", message);
        }
    }

    private ReplicaSetStatusTranslation() {}

    static Counts count(ReplicaSet replicaSet, List<Pod> active, Duration minReady, Instant now) {
        var metadata = replicaSet.getSpec().getTemplate().getMetadata();
        Map<String, String> labels =
                metadata == null || metadata.getLabels() == null ? Map.of() : metadata.getLabels();
        return new Counts(
                active.size(),
                count(active, p -> Selectors.labels(p).entrySet().containsAll(labels.entrySet())),
                count(active, Pods::isReady),
                count(active, p -> Pods.isAvailable(p, minReady, now)));
    }

    private static int count(List<Pod> pods, java.util.function.Predicate<Pod> predicate) {
        return (int) pods.stream().filter(predicate).count();
    }

    /**
     * A copy of {@code replicaSet} with its new status; zero optional counts are left out, as
     * upstream does.
     */
    static ReplicaSet apply(
            ReplicaSet replicaSet, Counts counts, Optional<Failure> failure, Instant now) {
        return new ReplicaSetBuilder(replicaSet)
                .withNewStatus()
                .withReplicas(counts.replicas())
                .withFullyLabeledReplicas(orAbsent(counts.fullyLabeled()))
                .withReadyReplicas(orAbsent(counts.ready()))
                .withAvailableReplicas(orAbsent(counts.available()))
                .withObservedGeneration(replicaSet.getMetadata().getGeneration())
                .withConditions(conditions(replicaSet, failure, now))
                .endStatus()
                .build();
    }

    @SuppressWarnings("NullAway") // the builder takes null for an absent field
    private static Integer orAbsent(int count) {
        return count == 0 ? null : Integer.valueOf(count);
    }

    private static List<ReplicaSetCondition> conditions(
            ReplicaSet replicaSet, Optional<Failure> failure, Instant now) {
        List<ReplicaSetCondition> conditions = new ArrayList<>();
        List<ReplicaSetCondition> current =
                replicaSet.getStatus() == null || replicaSet.getStatus().getConditions() == null
                        ? List.of()
                        : replicaSet.getStatus().getConditions();
        // the first word of a failure stays: names of pods that are tried differ each time
        current.stream()
                .filter(c -> failure.isPresent() || !FAILURE.equals(c.getType()))
                .forEach(conditions::add);
        boolean isKnown = conditions.stream().anyMatch(c -> FAILURE.equals(c.getType()));
        if (failure.isPresent() && !isKnown) {
            conditions.add(
                    new ReplicaSetConditionBuilder()
                            .withType(FAILURE)
                            .withStatus("True")
                            .withReason(failure.get().reason())
                            .withMessage(failure.get().message())
                            .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                            .build());
        }
        return conditions;
    }
}
