package dev.coracle.controllers.cronjob;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;

/**
 * The Jobs a CronJob has started and not seen the end of, as its status has them. A Job of another
 * maker is none of them, also if the CronJob controls it. Confined to one thread.
 */
final class ActiveJobs {

    private final List<ObjectReference> references;

    private ActiveJobs(List<ObjectReference> references) {
        this.references = references;
    }

    static ActiveJobs of(CronJob cron) {
        return new ActiveJobs(
                cron.getStatus() == null || cron.getStatus().getActive() == null
                        ? new ArrayList<>()
                        : new ArrayList<>(cron.getStatus().getActive()));
    }

    boolean has(Job job) {
        return references.stream().anyMatch(r -> isTo(r, job));
    }

    boolean isEmpty() {
        return references.isEmpty();
    }

    void add(Job job) {
        references.add(
                new ObjectReferenceBuilder()
                        .withApiVersion("batch/v1")
                        .withKind("Job")
                        .withNamespace(job.getMetadata().getNamespace())
                        .withName(job.getMetadata().getName())
                        .withUid(job.getMetadata().getUid())
                        .withResourceVersion(job.getMetadata().getResourceVersion())
                        .build());
    }

    void remove(Job job) {
        references.removeIf(r -> isTo(r, job));
    }

    void remove(ObjectReference reference) {
        references.remove(reference);
    }

    List<ObjectReference> list() {
        return List.copyOf(references);
    }

    private static boolean isTo(ObjectReference reference, Job job) {
        return job.getMetadata().getUid().equals(reference.getUid());
    }
}
