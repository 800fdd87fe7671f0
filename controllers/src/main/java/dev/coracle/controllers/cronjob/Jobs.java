package dev.coracle.controllers.cronjob;

import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Objects;

/** Reads the Jobs of a CronJob. */
final class Jobs {

    private Jobs() {}

    static boolean isComplete(Job job) {
        return has(job, "Complete");
    }

    static boolean isFailed(Job job) {
        return has(job, "Failed");
    }

    static boolean isOver(Job job) {
        return isComplete(job) || isFailed(job);
    }

    private static boolean has(Job job, String type) {
        return job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals(type) && c.getStatus().equals("True"));
    }

    /** What is known from before, with the last success of its Jobs. */
    static CronJobStatus status(CronJob cron, List<Job> jobs) {
        CronJobStatus status = new CronJobStatus();
        if (cron.getStatus() != null) {
            status.setLastScheduleTime(cron.getStatus().getLastScheduleTime());
            status.setLastSuccessfulTime(cron.getStatus().getLastSuccessfulTime());
        }
        jobs.stream()
                .filter(Jobs::isComplete)
                .map(job -> job.getStatus().getCompletionTime())
                .filter(Objects::nonNull)
                .max(String::compareTo)
                .filter(last ->
                        status.getLastSuccessfulTime() == null
                                || last.compareTo(status.getLastSuccessfulTime()) > 0)
                .ifPresent(status::setLastSuccessfulTime);
        return status;
    }
}
