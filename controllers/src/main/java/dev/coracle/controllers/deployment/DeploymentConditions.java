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

    private static final String AVAILABLE = "Available";
    private static final String PROGRESSING = "Progressing";
    private static final String FAILURE = "ReplicaFailure";

    private static final String PAUSED = "DeploymentPaused";
    private static final String RESUMED = "DeploymentResumed";
    private static final String CREATED = "NewReplicaSetCreated";
    private static final String NOT_CREATED = "ReplicaSetCreateError";
    private static final String COMPLETE = "NewReplicaSetAvailable";
    private static final String TIMED_OUT = "ProgressDeadlineExceeded";

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
        List<DeploymentCondition> conditions = new ArrayList<>(conditions(before));
        put(conditions, AVAILABLE, Optional.of(availability(before, available, limits, now)));
        put(conditions, PROGRESSING, progressing(deployment, before, counts, current, now));
        put(
                conditions,
                FAILURE,
                findFailure(current, old)
                        .map(failure ->
                                condition(
                                        find(before, FAILURE),
                                        FAILURE,
                                        failure.getStatus(),
                                        failure.getReason(),
                                        failure.getMessage(),
                                        now)));
        counts.setConditions(conditions);
        return counts;
    }

    /** The status that says a ReplicaSet could not be made; what else was known stays. */
    static DeploymentStatus failed(Deployment deployment, String message, Instant now) {
        DeploymentStatus status =
                deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
        List<DeploymentCondition> conditions = new ArrayList<>(conditions(status));
        put(
                conditions,
                PROGRESSING,
                Optional.of(
                        condition(
                                find(status, PROGRESSING),
                                PROGRESSING,
                                "False",
                                NOT_CREATED,
                                message,
                                now)));
        return new DeploymentStatusBuilder(status).withConditions(conditions).build();
    }

    /** Whether the pods are all of the newest template, and available; of a status just made. */
    static boolean isComplete(Deployment deployment, DeploymentStatus status) {
        int desired = deployment.getSpec().getReplicas();
        return orZero(status.getUpdatedReplicas()) == desired
                && orZero(status.getReplicas()) == desired
                && orZero(status.getAvailableReplicas()) == desired;
    }

    /** Puts a condition in the place of the one of its type; those of other types are others'. */
    private static void put(
            List<DeploymentCondition> conditions,
            String type,
            Optional<DeploymentCondition> condition) {
        boolean isKnown = conditions.stream().anyMatch(c -> type.equals(c.getType()));
        if (condition.isPresent() && isKnown) {
            conditions.replaceAll(c -> type.equals(c.getType()) ? condition.get() : c);
        } else if (condition.isPresent()) {
            conditions.add(condition.get());
        } else {
            conditions.removeIf(c -> type.equals(c.getType()));
        }
    }

    private static DeploymentCondition availability(
            DeploymentStatus before, int available, Rollout.Limits limits, Instant now) {
        return available >= limits.minimumAvailable()
                ? condition(
                        find(before, AVAILABLE),
                        AVAILABLE,
                        "True",
                        "MinimumReplicasAvailable",
                        "Deployment has minimum availability.",
                        now)
                : condition(
                        find(before, AVAILABLE),
                        AVAILABLE,
                        "False",
                        "MinimumReplicasUnavailable",
                        "Deployment does not have minimum availability.",
                        now);
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
        return find(deployment.getStatus(), PROGRESSING)
                .filter(c -> hasDeadline(deployment))
                .filter(c -> !isFor(c, COMPLETE, TIMED_OUT, PAUSED))
                .flatMap(c -> deadline(deployment, c))
                .map(deadline -> Duration.between(now, deadline))
                .map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    /**
     * How the rollout goes: one that was complete stays so until there is another template, one
     * without a deadline is not told of.
     */
    private static Optional<DeploymentCondition> progressing(
            Deployment deployment,
            DeploymentStatus before,
            DeploymentStatus counts,
            @Nullable ReplicaSet current,
            Instant now) {
        if (!hasDeadline(deployment)) {
            return Optional.empty();
        }
        Optional<DeploymentCondition> known = find(before, PROGRESSING);
        if (Boolean.TRUE.equals(deployment.getSpec().getPaused())) {
            // that it is stuck is not forgotten
            return known.filter(c -> isFor(c, TIMED_OUT))
                    .or(() ->
                            Optional.of(
                                    condition(
                                            known,
                                            PROGRESSING,
                                            "Unknown",
                                            PAUSED,
                                            "Deployment is paused",
                                            now)));
        }
        if (current == null && known.isEmpty()) {
            return known;
        }
        DeploymentCondition since = since(known, current, now);
        boolean isRolledOut =
                orZero(counts.getReplicas()) == orZero(counts.getUpdatedReplicas())
                        && isFor(since, COMPLETE);
        if (isRolledOut) {
            return Optional.of(since);
        }
        String which =
                current == null
                        ? "Deployment \"" + deployment.getMetadata().getName() + "\""
                        : "ReplicaSet \"" + current.getMetadata().getName() + "\"";
        if (isComplete(deployment, counts)) {
            return Optional.of(
                    condition(
                            Optional.of(since),
                            PROGRESSING,
                            "True",
                            COMPLETE,
                            which + " has successfully progressed.",
                            now));
        }
        if (hasProgressed(before, counts)) {
            return Optional.of(refreshed(since, which, now));
        }
        boolean isOverdue =
                !isFor(since, COMPLETE)
                        && deadline(deployment, since).filter(d -> !d.isAfter(now)).isPresent();
        return Optional.of(
                isOverdue
                        ? condition(
                                Optional.of(since),
                                PROGRESSING,
                                "False",
                                TIMED_OUT,
                                which + " has timed out progressing.",
                                now)
                        : since);
    }

    /** What is known of this rollout; what was said of another template's does not count. */
    private static DeploymentCondition since(
            Optional<DeploymentCondition> known, @Nullable ReplicaSet current, Instant now) {
        String name = current == null ? "" : current.getMetadata().getName();
        Optional<DeploymentCondition> said =
                known.filter(c ->
                        current == null
                                || isFor(c, PAUSED, RESUMED)
                                || (!isFor(c, NOT_CREATED)
                                        && String.valueOf(c.getMessage())
                                                .contains("\"" + name + "\"")));
        if (said.isEmpty()) {
            return condition(
                    known.filter(c -> !isFor(c, CREATED)),
                    PROGRESSING,
                    "True",
                    CREATED,
                    "Created new replica set \"" + name + "\"",
                    now);
        }
        return isFor(said.get(), PAUSED)
                ? condition(said, PROGRESSING, "Unknown", RESUMED, "Deployment is resumed", now)
                : said.get();
    }

    private static boolean hasProgressed(DeploymentStatus before, DeploymentStatus counts) {
        return orZero(counts.getUpdatedReplicas()) > orZero(before.getUpdatedReplicas())
                || old(counts) < old(before)
                || orZero(counts.getReadyReplicas()) > orZero(before.getReadyReplicas())
                || orZero(counts.getAvailableReplicas()) > orZero(before.getAvailableReplicas());
    }

    private static int old(DeploymentStatus status) {
        return orZero(status.getReplicas()) - orZero(status.getUpdatedReplicas());
    }

    private static DeploymentCondition refreshed(
            DeploymentCondition since, String which, Instant now) {
        return new DeploymentConditionBuilder(
                        condition(
                                Optional.of(since),
                                PROGRESSING,
                                "True",
                                "ReplicaSetUpdated",
                                which + " is progressing.",
                                now))
                .withLastUpdateTime(seconds(now))
                .build();
    }

    /** The greatest number says that there is none. */
    private static boolean hasDeadline(Deployment deployment) {
        Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
        return seconds == null || seconds != Integer.MAX_VALUE;
    }

    private static Optional<Instant> deadline(
            Deployment deployment, DeploymentCondition progressing) {
        Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
        return Optional.ofNullable(progressing.getLastUpdateTime())
                .map(Instant::parse)
                .map(since -> since.plusSeconds(seconds == null ? 600 : seconds));
    }

    private static boolean isFor(DeploymentCondition condition, String... reasons) {
        return Stream.of(reasons).anyMatch(reason -> reason.equals(condition.getReason()));
    }

    /** The known condition if nothing changed; its transition time moves only with its status. */
    private static DeploymentCondition condition(
            Optional<DeploymentCondition> known,
            String type,
            String status,
            String reason,
            String message,
            Instant now) {
        if (known.filter(c -> c.getStatus().equals(status) && reason.equals(c.getReason()))
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
        return conditions(status).stream().filter(c -> type.equals(c.getType())).findFirst();
    }

    private static List<DeploymentCondition> conditions(@Nullable DeploymentStatus status) {
        return status == null || status.getConditions() == null
                ? List.of()
                : status.getConditions();
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

    private static int orZero(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    @SuppressWarnings("NullAway") // the builder takes null for an absent field
    private static Integer orAbsent(int count) {
        return count == 0 ? null : Integer.valueOf(count);
    }
}
