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
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a Job at each time of a CronJob's schedule, and removes the old ones. */
public final class CronJobController {

    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /** RFC 1123, with the zone as a number. */
    private static final DateTimeFormatter MISSED =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ROOT);

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
        if (jobs.stream().anyMatch(job -> isUnexpected(ActiveJobs.of(cron), job))) {
            // it may have been started a moment ago
            CronJob newest = client.batch().v1().cronjobs().resource(cron).get();
            if (newest != null && newest.getMetadata().getDeletionTimestamp() == null) {
                sync(newest, jobs);
            }
        } else {
            sync(cron, jobs);
        }
    }

    private static boolean isUnexpected(ActiveJobs active, Job job) {
        return !Jobs.isOver(job) && !active.has(job);
    }

    private void sync(CronJob cron, List<Job> jobs) {
        ActiveJobs active = ActiveJobs.of(cron);
        compare(cron, jobs, active);
        removeOld(cron, jobs);
        CronJobStatus status = Jobs.status(cron, jobs);
        try {
            Optional<Schedule> schedule = schedule(cron);
            if (schedule.isPresent() && !Boolean.TRUE.equals(cron.getSpec().getSuspend())) {
                keep(cron, schedule.get(), active, status);
            }
        } finally {
            status.setActive(active.list());
            writeStatus(cron, status);
        }
    }

    private void writeStatus(CronJob cron, CronJobStatus status) {
        CronJob changed = new CronJobBuilder(cron).withStatus(status).build();
        if (!Objects.equals(changed.getStatus(), cron.getStatus())) {
            var _ = client.batch().v1().cronjobs().resource(changed).updateStatus();
        }
    }

    /** Empty, with a word about it, if nobody can tell the times; a change of the spec may help. */
    private Optional<Schedule> schedule(CronJob cron) {
        String text = cron.getSpec().getSchedule();
        String zone = cron.getSpec().getTimeZone();
        try {
            return Optional.of(Schedule.of(text, zone));
        } catch (DateTimeException _) {
            events.warning(
                    cron,
                    "UnknownTimeZone",
                    "invalid timeZone: \"%1$s\": unknown time zone %1$s".formatted(zone));
        } catch (IllegalArgumentException e) {
            events.warning(
                    cron,
                    "UnparseableSchedule",
                    "unparseable schedule: \"%s\" : %s".formatted(text, e.getMessage()));
        }
        return Optional.empty();
    }

    /** Starts what is due, and looks again when the next is. */
    private void keep(CronJob cron, Schedule schedule, ActiveJobs active, CronJobStatus status) {
        Instant now = clock.instant();
        if (schedule.next(lastSchedule(cron, status), now).isEmpty()) {
            events.warning(
                    cron,
                    "InvalidSchedule",
                    "invalid schedule: %s : time difference between two schedules is less than 1 second"
                            .formatted(cron.getSpec().getSchedule()));
            return;
        }
        start(cron, schedule, active, status, now);
        schedule.next(lastSchedule(cron, status), now)
                .ifPresent(next ->
                        loop.enqueueAfter(NamespacedName.of(cron), Duration.between(now, next)));
    }

    /** Starts the Job of the last time that has passed, if it was not started. */
    private void start(
            CronJob cron, Schedule schedule, ActiveJobs active, CronJobStatus status, Instant now) {
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
                    "Missed scheduled time to start a job: "
                            + MISSED.format(due.get().atOffset(ZoneOffset.UTC)));
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
            for (ObjectReference reference : active.list()) {
                replace(cron, reference);
                active.remove(reference);
            }
        }
        Optional<Job> started = create(cron, schedule, due.get());
        if (started.isPresent()) {
            if (!active.has(started.get())) {
                active.add(started.get());
            }
            status.setLastScheduleTime(due.get().toString());
        }
    }

    private void replace(CronJob cron, ObjectReference reference) {
        Job job =
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(cron.getMetadata().getNamespace())
                        .withName(reference.getName())
                        .get();
        if (job != null && !delete(cron, job)) {
            throw new IllegalStateException("could not replace job " + reference.getName());
        }
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
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT && isTaken(e)) {
                // another copy of this controller was faster, or this one before it could say so
                return Optional.ofNullable(client.batch().v1().jobs().resource(wanted).get())
                        .filter(job -> Owners.isControlledBy(job, cron));
            }
            if (!PodControl.saysNamespaceIsGoing(e)) {
                events.warning(cron, "FailedCreate", "Error creating job: " + PodControl.reason(e));
            }
            throw e;
        }
    }

    private static boolean isTaken(KubernetesClientException e) {
        return e.getStatus() != null && "AlreadyExists".equals(e.getStatus().getReason());
    }

    /** Holds what is known to be active against the Jobs that there are, and tells of changes. */
    private void compare(CronJob cron, List<Job> jobs, ActiveJobs active) {
        for (Job job : jobs) {
            String name = job.getMetadata().getName();
            if (isUnexpected(active, job)) {
                events.warning(
                        cron,
                        "UnexpectedJob",
                        "Saw a job that the controller did not create or forgot: " + name);
            } else if (Jobs.isOver(job) && active.has(job)) {
                active.remove(job);
                events.normal(
                        cron,
                        "SawCompletedJob",
                        "Saw completed job: %s, condition: %s"
                                .formatted(name, Jobs.isComplete(job) ? "Complete" : "Failed"));
            }
        }
        for (ObjectReference reference : active.list()) {
            boolean known =
                    jobs.stream()
                            .anyMatch(j -> j.getMetadata().getUid().equals(reference.getUid()));
            if (!known && isMissing(cron, reference)) {
                active.remove(reference);
                events.normal(
                        cron, "MissingJob", "Active job went missing: " + reference.getName());
            }
        }
    }

    private boolean isMissing(CronJob cron, ObjectReference reference) {
        return client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(cron.getMetadata().getNamespace())
                        .withName(reference.getName())
                        .get()
                == null;
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
                .forEach(job -> {
                    boolean _ = delete(cron, job);
                });
    }

    /** Answers false, and says why, if it cannot be deleted. */
    private boolean delete(CronJob cron, Job job) {
        try {
            List<?> _ =
                    client.batch()
                            .v1()
                            .jobs()
                            .resource(job)
                            .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                            .delete();
        } catch (KubernetesClientException e) {
            events.warning(cron, "FailedDelete", "Deleted job: " + PodControl.reason(e));
            return false;
        }
        writes.deleted(NamespacedName.of(cron), job);
        events.normal(cron, "SuccessfulDelete", "Deleted job " + job.getMetadata().getName());
        return true;
    }
}
