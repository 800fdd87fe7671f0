package dev.coracle.controllers.cronjob;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.informer.UnseenWrites;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.workqueue.ControlLoop;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a Job at each time of a CronJob's schedule, and removes the old ones. */
public final class CronJobController {

    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private static final Comparator<Job> BY_AGE =
            Comparator.comparing((Job job) -> job.getMetadata().getCreationTimestamp())
                    .thenComparing(job -> job.getMetadata().getName());

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;
    private final UnseenWrites<Job> writes;

    public CronJobController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("cronjob", 2, this::reconcile);
        this.writes = new UnseenWrites<>(informers.jobs, Ticker.system());
        informers.cronJobs.onAnyChange(cron -> loop.enqueue(NamespacedName.of(cron)));
        informers.jobs.onAnyChange(this::jobChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void jobChanged(Job job) {
        Optional<OwnerReference> controller = Owners.findController(job);
        if (controller.isPresent() && controller.get().getKind().equals("CronJob")) {
            loop.enqueue(
                    new NamespacedName(
                            job.getMetadata().getNamespace(), controller.get().getName()));
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<CronJob> found = informers.cronJobs.find(key);
        if (found.isEmpty() || found.get().getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        if (!writes.areSeen(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        CronJob cron = found.get();
        List<Job> jobs =
                informers.jobs.listIn(key.namespace()).stream()
                        .filter(job -> Owners.isControlledBy(job, cron))
                        .toList();
        tellOfFinished(cron, jobs);
        removeOld(cron, jobs);
        List<Job> active =
                new ArrayList<>(
                        jobs.stream().filter(job -> !Jobs.isOver(job)).sorted(BY_AGE).toList());
        CronJobStatus status = Jobs.status(cron, jobs);
        if (!Boolean.TRUE.equals(cron.getSpec().getSuspend())) {
            Schedule schedule;
            try {
                schedule = Schedule.of(cron.getSpec().getSchedule(), cron.getSpec().getTimeZone());
            } catch (RuntimeException e) {
                events.warning(
                        cron,
                        "UnparseableSchedule",
                        "unparseable schedule: %s : %s"
                                .formatted(cron.getSpec().getSchedule(), e.getMessage()));
                return;
            }
            start(cron, schedule, active, status);
            Instant now = clock.instant();
            schedule.next(lastSchedule(cron, status), now)
                    .ifPresent(next -> loop.enqueueAfter(key, Duration.between(now, next)));
        }
        status.setActive(active.stream().map(CronJobController::reference).toList());
        CronJob changed = new CronJobBuilder(cron).withStatus(status).build();
        if (!Objects.equals(changed.getStatus(), cron.getStatus())) {
            var _ = client.batch().v1().cronjobs().resource(changed).updateStatus();
        }
    }

    /** Starts the Job of the last time that has passed, if it was not started. */
    private void start(CronJob cron, Schedule schedule, List<Job> active, CronJobStatus status) {
        Instant now = clock.instant();
        Instant since = lastSchedule(cron, status);
        Optional<Instant> due = schedule.due(since, now);
        if (due.isEmpty()) {
            return;
        }
        Long deadline = cron.getSpec().getStartingDeadlineSeconds();
        Instant oldest = deadline == null ? since : now.minusSeconds(deadline);
        if (schedule.areMany(oldest.isAfter(since) ? oldest : since, due.get())) {
            events.warning(
                    cron,
                    "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or"
                            + " check clock skew");
        }
        if (deadline != null && due.get().plusSeconds(deadline).isBefore(now)) {
            events.warning(
                    cron,
                    "MissSchedule",
                    "Missed scheduled time to start a job: " + schedule.format(due.get()));
            return;
        }
        if ("Forbid".equals(cron.getSpec().getConcurrencyPolicy()) && !active.isEmpty()) {
            events.normal(
                    cron,
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is"
                            + " Forbid");
            return;
        }
        if ("Replace".equals(cron.getSpec().getConcurrencyPolicy())) {
            active.forEach(job -> delete(cron, job));
            active.clear();
        }
        create(cron, schedule, due.get()).ifPresent(active::add);
        status.setLastScheduleTime(due.get().toString());
    }

    private static Instant lastSchedule(CronJob cron, CronJobStatus status) {
        return Instant.parse(
                status.getLastScheduleTime() == null
                        ? cron.getMetadata().getCreationTimestamp()
                        : status.getLastScheduleTime());
    }

    private Optional<Job> create(CronJob cron, Schedule schedule, Instant due) {
        var template = cron.getSpec().getJobTemplate();
        var metadata = template.getMetadata();
        Job wanted =
                new JobBuilder()
                        .withNewMetadata()
                        .withNamespace(cron.getMetadata().getNamespace())
                        .withName(cron.getMetadata().getName() + "-" + due.getEpochSecond() / 60)
                        .withLabels(metadata == null ? null : metadata.getLabels())
                        .withAnnotations(metadata == null ? null : metadata.getAnnotations())
                        .addToAnnotations(SCHEDULED, schedule.format(due))
                        .withOwnerReferences(Owners.controllerReference(cron))
                        .endMetadata()
                        .withSpec(template.getSpec())
                        .build();
        try {
            Job created = client.batch().v1().jobs().resource(wanted).create();
            writes.created(NamespacedName.of(cron), created);
            events.normal(
                    cron, "SuccessfulCreate", "Created job " + created.getMetadata().getName());
            return Optional.of(created);
        } catch (KubernetesClientException e) {
            // another copy of this controller was faster, or this one before it could say so
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return Optional.empty();
            }
            events.warning(cron, "FailedCreate", "Error creating job: " + PodControl.reason(e));
            throw e;
        }
    }

    private static ObjectReference reference(Job job) {
        return new ObjectReferenceBuilder()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .withResourceVersion(job.getMetadata().getResourceVersion())
                .build();
    }

    private void tellOfFinished(CronJob cron, List<Job> jobs) {
        if (cron.getStatus() == null || cron.getStatus().getActive() == null) {
            return;
        }
        for (ObjectReference reference : cron.getStatus().getActive()) {
            @Nullable Job job =
                    jobs.stream()
                            .filter(j -> j.getMetadata().getUid().equals(reference.getUid()))
                            .findFirst()
                            .orElse(null);
            if (job == null) {
                events.normal(
                        cron, "MissingJob", "Active job went missing: " + reference.getName());
            } else if (Jobs.isOver(job)) {
                events.normal(
                        cron,
                        "SawCompletedJob",
                        "Saw completed job: %s, condition: %s"
                                .formatted(
                                        reference.getName(),
                                        Jobs.isComplete(job) ? "Complete" : "Failed"));
            }
        }
    }

    private void removeOld(CronJob cron, List<Job> jobs) {
        Integer complete = cron.getSpec().getSuccessfulJobsHistoryLimit();
        Integer failed = cron.getSpec().getFailedJobsHistoryLimit();
        removeOld(cron, jobs.stream().filter(Jobs::isComplete).toList(), complete);
        removeOld(cron, jobs.stream().filter(Jobs::isFailed).toList(), failed);
    }

    private void removeOld(CronJob cron, List<Job> finished, @Nullable Integer limit) {
        if (limit == null) {
            return;
        }
        finished.stream()
                .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
                .sorted(
                        Comparator.comparing(
                                        (Job job) -> job.getStatus().getStartTime(),
                                        Comparator.nullsLast(Comparator.naturalOrder()))
                                .thenComparing(job -> job.getMetadata().getName()))
                .limit(Math.max(0, finished.size() - limit))
                .forEach(job -> delete(cron, job));
    }

    private void delete(CronJob cron, Job job) {
        List<?> _ =
                client.batch()
                        .v1()
                        .jobs()
                        .resource(job)
                        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                        .delete();
        writes.deleted(NamespacedName.of(cron), job);
        events.normal(cron, "SuccessfulDelete", "Deleted job " + job.getMetadata().getName());
    }
}
