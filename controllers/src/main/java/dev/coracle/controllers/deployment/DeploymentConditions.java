package dev.coracle.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The status of a Deployment from its ReplicaSets. */
final class DeploymentConditions {

    private static final String FAILURE = "ReplicaFailure";

    private DeploymentConditions() {}

    /** {@code current} is the ReplicaSet of the Deployment's template, absent before it is made. */
    static DeploymentStatus status(
            Deployment deployment,
            @Nullable ReplicaSet current,
            List<ReplicaSet> old,
            Rollout.Limits limits,
            Instant now) {
        List<ReplicaSet> all = Stream.concat(Stream.ofNullable(current), old.stream()).toList();
        int total = sum(all, ReplicaSetStatus::getReplicas);
        int updated = current == null ? 0 : sum(List.of(current), ReplicaSetStatus::getReplicas);
        int ready = sum(all, ReplicaSetStatus::getReadyReplicas);
        int available = sum(all, ReplicaSetStatus::getAvailableReplicas);
        DeploymentStatus before =
                deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
        DeploymentStatus counts =
                new DeploymentStatusBuilder(before)
                        .withObservedGeneration(deployment.getMetadata().getGeneration())
                        .withReplicas(orAbsent(total))
                        .withUpdatedReplicas(orAbsent(updated))
                        .withReadyReplicas(orAbsent(ready))
                        .withAvailableReplicas(orAbsent(available))
                        .withUnavailableReplicas(
                                orAbsent(Math.max(0, limits.desired() - available)))
                        .build();
        DeploymentCondition availableNow =
                available >= limits.minimumAvailable()
                        ? condition(
                                before,
                                "Available",
                                "True",
                                "MinimumReplicasAvailable",
                                "Deployment has minimum availability.",
                                now)
                        : condition(
                                before,
                                "Available",
                                "False",
                                "MinimumReplicasUnavailable",
                                "Deployment does not have minimum availability.",
                                now);
        boolean complete =
                updated == limits.desired()
                        && total == limits.desired()
                        && available == limits.desired();
        List<DeploymentCondition> conditions = new ArrayList<>();
        conditions.add(availableNow);
        conditions.add(progressing(deployment, before, counts, current, complete, now));
        findFailure(current, old)
                .map(failure ->
                        condition(
                                before,
                                FAILURE,
                                failure.getStatus(),
                                failure.getReason(),
                                failure.getMessage(),
                                now))
                .ifPresent(conditions::add);
        counts.setConditions(conditions);
        return counts;
    }

    /** Why pods cannot be made: the new ReplicaSet's word, or that of an old one. */
    private static Optional<ReplicaSetCondition> findFailure(
            @Nullable ReplicaSet current, List<ReplicaSet> old) {
        return Stream.concat(Stream.ofNullable(current), old.stream())
                .map(ReplicaSet::getStatus)
                .filter(status -> status != null && status.getConditions() != null)
                .flatMap(status -> status.getConditions().stream())
                .filter(condition -> condition.getType().equals(FAILURE))
                .findFirst();
    }

    /**
     * When the deadline of a rollout that does not progress passes; empty if there is none to wait
     * for.
     */
    static Optional<Duration> findTimeToDeadline(Deployment deployment, Instant now) {
        return find(deployment.getStatus(), "Progressing")
                .filter(c -> "True".equals(c.getStatus()))
                .filter(c -> !"NewReplicaSetAvailable".equals(c.getReason()))
                .map(c -> Duration.between(now, deadline(deployment, c)))
                .map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    private static DeploymentCondition progressing(
            Deployment deployment,
            DeploymentStatus before,
            DeploymentStatus counts,
            @Nullable ReplicaSet current,
            boolean complete,
            Instant now) {
        Optional<DeploymentCondition> known = find(before, "Progressing");
        String which =
                current == null
                        ? "Deployment \"" + deployment.getMetadata().getName() + "\""
                        : "ReplicaSet \"" + current.getMetadata().getName() + "\"";
        if (Boolean.TRUE.equals(deployment.getSpec().getPaused())) {
            return condition(
                    before,
                    "Progressing",
                    "Unknown",
                    "DeploymentPaused",
                    "Deployment is paused",
                    now);
        }
        if (complete) {
            return condition(
                    before,
                    "Progressing",
                    "True",
                    "NewReplicaSetAvailable",
                    which + " has successfully progressed.",
                    now);
        }
        if (known.isEmpty() || "DeploymentPaused".equals(known.get().getReason())) {
            return condition(
                    before,
                    "Progressing",
                    "True",
                    "NewReplicaSetCreated",
                    "Created new replica set \""
                            + (current == null ? "" : current.getMetadata().getName())
                            + "\"",
                    now);
        }
        boolean moved =
                !Objects.equals(before.getUpdatedReplicas(), counts.getUpdatedReplicas())
                        || !Objects.equals(before.getReplicas(), counts.getReplicas())
                        || !Objects.equals(before.getReadyReplicas(), counts.getReadyReplicas())
                        || !Objects.equals(
                                before.getAvailableReplicas(), counts.getAvailableReplicas());
        boolean sameGeneration =
                Objects.equals(
                        before.getObservedGeneration(), deployment.getMetadata().getGeneration());
        if (moved || !sameGeneration) {
            return refreshed(before, which, now);
        }
        if ("True".equals(known.get().getStatus())
                && !deadline(deployment, known.get()).isAfter(now)) {
            return condition(
                    before,
                    "Progressing",
                    "False",
                    "ProgressDeadlineExceeded",
                    which + " has timed out progressing.",
                    now);
        }
        return known.get();
    }

    private static DeploymentCondition refreshed(
            DeploymentStatus before, String which, Instant now) {
        return new DeploymentConditionBuilder(
                        condition(
                                before,
                                "Progressing",
                                "True",
                                "ReplicaSetUpdated",
                                which + " is progressing.",
                                now))
                .withLastUpdateTime(seconds(now))
                .build();
    }

    private static Instant deadline(Deployment deployment, DeploymentCondition progressing) {
        Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
        return Instant.parse(progressing.getLastUpdateTime())
                .plusSeconds(seconds == null ? 600 : seconds);
    }

    /** The known condition if nothing changed; its transition time moves only with its status. */
    private static DeploymentCondition condition(
            DeploymentStatus before,
            String type,
            String status,
            String reason,
            String message,
            Instant now) {
        Optional<DeploymentCondition> known = find(before, type);
        if (known.filter(
                        c ->
                                c.getStatus().equals(status)
                                        && reason.equals(c.getReason())
                                        && message.equals(c.getMessage()))
                .isPresent()) {
            return known.get();
        }
        String since =
                known.filter(c -> c.getStatus().equals(status))
                        .map(DeploymentCondition::getLastTransitionTime)
                        .orElse(seconds(now));
        return new DeploymentConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastUpdateTime(seconds(now))
                .withLastTransitionTime(since)
                .build();
    }

    private static Optional<DeploymentCondition> find(
            @Nullable DeploymentStatus status, String type) {
        if (status == null || status.getConditions() == null) {
            return Optional.empty();
        }
        return status.getConditions().stream().filter(c -> type.equals(c.getType())).findFirst();
    }

    private static String seconds(Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static int sum(
            List<ReplicaSet> sets, java.util.function.Function<ReplicaSetStatus, Integer> count) {
        return sets.stream()
                .map(ReplicaSet::getStatus)
                .filter(Objects::nonNull)
                .map(count)
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .sum();
    }

    @SuppressWarnings("NullAway") // the builder takes null for an absent field
    private static Integer orAbsent(int count) {
        return count == 0 ? null : Integer.valueOf(count);
    }
}
