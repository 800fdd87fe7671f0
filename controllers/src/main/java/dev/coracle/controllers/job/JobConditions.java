package dev.coracle.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Job's conditions: SuccessCriteriaMet or FailureTarget as soon as the end is certain, Complete
 * or Failed with the same reason when no pod is left, Suspended meanwhile.
 */
final class JobConditions {

    private final String now;
    private final List<JobCondition> conditions = new ArrayList<>();
    private final boolean wasFinished;
    private @Nullable String completionTime;

    /** What is to be told in an event. */
    record Change(boolean warning, String reason, String message) {}

    private final List<Change> changes = new ArrayList<>();

    JobConditions(Job job, Instant now) {
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (job.getStatus() != null) {
            conditions.addAll(job.getStatus().getConditions());
            completionTime = job.getStatus().getCompletionTime();
        }
        wasFinished = isFinished();
    }

    static boolean isFinished(Job job) {
        return job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                (c.getType().equals("Complete") || c.getType().equals("Failed"))
                                        && c.getStatus().equals("True"));
    }

    boolean isFinished() {
        return isTrue("Complete") || isTrue("Failed");
    }

    /** Whether it was so before this plan. */
    boolean wasFinished() {
        return wasFinished;
    }

    boolean isFailing() {
        return isTrue("FailureTarget");
    }

    boolean isSucceeding() {
        return isTrue("SuccessCriteriaMet");
    }

    List<JobCondition> all() {
        return conditions;
    }

    List<Change> changes() {
        return changes;
    }

    @Nullable String completionTime() {
        return completionTime;
    }

    void fail(String reason, String message) {
        set("FailureTarget", "True", reason, message);
    }

    void succeed(String reason, String message) {
        set("SuccessCriteriaMet", "True", reason, message);
    }

    /** No pod is left: the end that was certain is there. */
    void finish() {
        Optional<JobCondition> failure = find("FailureTarget");
        if (failure.isPresent()) {
            String reason = failure.get().getReason();
            String message = failure.get().getMessage();
            set("Failed", "True", reason, message);
            changes.add(new Change(true, reason, message));
            return;
        }
        JobCondition success = find("SuccessCriteriaMet").orElseThrow();
        set("Complete", "True", success.getReason(), success.getMessage());
        completionTime = now;
        changes.add(new Change(false, "Completed", "Job completed"));
    }

    void suspend() {
        if (!isTrue("Suspended")) {
            set("Suspended", "True", "JobSuspended", "Job suspended");
            changes.add(new Change(false, "Suspended", "Job suspended"));
        }
    }

    /** True if it was suspended. */
    boolean resume() {
        if (!isTrue("Suspended")) {
            return false;
        }
        set("Suspended", "False", "JobResumed", "Job resumed");
        changes.add(new Change(false, "Resumed", "Job resumed"));
        return true;
    }

    private boolean isTrue(String type) {
        return find(type).filter(condition -> condition.getStatus().equals("True")).isPresent();
    }

    private Optional<JobCondition> find(String type) {
        return conditions.stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    private void set(String type, String status, String reason, String message) {
        conditions.removeIf(condition -> condition.getType().equals(type));
        conditions.add(
                new JobConditionBuilder()
                        .withType(type)
                        .withStatus(status)
                        .withReason(reason)
                        .withMessage(message)
                        .withLastProbeTime(now)
                        .withLastTransitionTime(now)
                        .build());
    }
}
