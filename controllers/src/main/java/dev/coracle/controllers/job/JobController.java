package dev.coracle.controllers.job;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.PodOwners;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Does what a Job's {@link JobPlan} says, and removes Jobs that have been finished long enough. */
public final class JobController {

    private static final String NAME = "kubernetes.io/job-controller";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final PodControl pods;
    private final ControlLoop<NamespacedName> loop;

    public JobController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.pods = new PodControl(client, informers, events);
        this.loop = new ControlLoop<>("job", 4, this::reconcile);
        informers.jobs.onAnyChange(job -> loop.enqueue(NamespacedName.of(job)));
        informers.pods.onChange(
                new PodOwners<>(
                                "Job",
                                informers.jobs::listIn,
                                job -> job.getSpec().getSelector(),
                                loop::enqueue)
                        ::changed);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void reconcile(NamespacedName key) {
        releaseOrphans(key);
        Optional<Job> found = informers.jobs.find(key);
        if (found.isEmpty()) {
            return;
        }
        String manager = found.get().getSpec().getManagedBy();
        if (manager != null && !manager.equals(NAME)) {
            return;
        }
        if (!pods.isUpToDate(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        Job job = found.get();
        if (removeExpired(key, job)) {
            return;
        }
        JobPlan plan =
                JobPlan.of(job, pods.claim(job, job.getSpec().getSelector()), clock.instant());
        carryOut(plan, job);
        plan.again().ifPresent(delay -> loop.enqueueAfter(key, delay));
    }

    private void carryOut(JobPlan plan, Job job) {
        Job changed = new JobBuilder(job).withStatus(plan.status()).build();
        if (!changed.getStatus().equals(job.getStatus())) {
            var _ = client.batch().v1().jobs().resource(changed).updateStatus();
        }
        for (JobConditions.Change change : plan.conditions().changes()) {
            if (change.reason().equals("Completed") && hasTooManySuccesses(changed)) {
                events.warning(
                        job,
                        "TooManySucceededPods",
                        "Too many succeeded pods running after completion count reached");
            }
            if (change.warning()) {
                events.warning(job, change.reason(), change.message());
            } else {
                events.normal(job, change.reason(), change.message());
            }
        }
        plan.releases().forEach(this::release);
        if (!plan.countsDeletions()) {
            plan.deletions().forEach(this::release);
        }
        Optional<String> failure = pods.delete(job, plan.deletions());
        if (failure.isEmpty()) {
            failure = pods.create(job, plan.creations());
        }
        if (failure.isPresent()) {
            throw new IllegalStateException("cannot change pods: " + failure.get());
        }
    }

    private static boolean hasTooManySuccesses(Job job) {
        Integer wanted = job.getSpec().getCompletions();
        Integer succeeded = job.getStatus().getSucceeded();
        return wanted != null && succeeded != null && succeeded > wanted;
    }

    /** The pods of a Job that is gone are held by nobody. */
    private void releaseOrphans(NamespacedName key) {
        Optional<Job> job = informers.jobs.find(key);
        for (Pod pod : informers.pods.listIn(key.namespace())) {
            Optional<OwnerReference> owner = Owners.findController(pod);
            boolean isOrphan =
                    owner.isEmpty()
                            || (owner.get().getKind().equals("Job")
                                    && owner.get().getName().equals(key.name())
                                    && (job.isEmpty() || !Owners.isControlledBy(pod, job.get())));
            if (isOrphan && JobPods.isTracked(pod)) {
                release(pod);
            }
        }
    }

    private void release(Pod pod) {
        if (!JobPods.isTracked(pod)) {
            return;
        }
        String patch =
                """
                {"metadata":{"uid":"%s","$deleteFromPrimitiveList/finalizers":["%s"]}}
                """
                        .formatted(pod.getMetadata().getUid(), JobPods.FINALIZER);
        try {
            var _ =
                    client.pods()
                            .inNamespace(pod.getMetadata().getNamespace())
                            .withName(pod.getMetadata().getName())
                            .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
        } catch (KubernetesClientException e) {
            // another pod of that name has nothing to do with this one
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
                    && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    /** {@code ttlSecondsAfterFinished}; true if the Job is gone. */
    private boolean removeExpired(NamespacedName key, Job job) {
        Integer seconds = job.getSpec().getTtlSecondsAfterFinished();
        if (seconds == null
                || job.getMetadata().getDeletionTimestamp() != null
                || !JobConditions.isFinished(job)) {
            return false;
        }
        Instant finished =
                job.getStatus().getConditions().stream()
                        .filter(c -> c.getType().equals("Complete") || c.getType().equals("Failed"))
                        .map(JobCondition::getLastTransitionTime)
                        .map(Instant::parse)
                        .findFirst()
                        .orElseThrow();
        Duration left = Duration.between(clock.instant(), finished.plusSeconds(seconds));
        if (left.isPositive()) {
            loop.enqueueAfter(key, left);
            return false;
        }
        List<?> _ =
                client.batch()
                        .v1()
                        .jobs()
                        .resource(job)
                        .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                        .delete();
        return true;
    }
}
