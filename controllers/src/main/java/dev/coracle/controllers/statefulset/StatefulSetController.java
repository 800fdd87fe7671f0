package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.history.Revisions;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.PodOwners;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Takes the steps a StatefulSet's {@link Plan} says, and says in its status how far it is. */
public final class StatefulSetController {

    private static final int KEPT_REVISIONS = 10;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final PodControl pods;
    private final Claims claims;
    private final Revisions revisions;
    private final ControlLoop<NamespacedName> loop;

    public StatefulSetController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.pods = new PodControl(client, informers, events);
        this.claims = new Claims(client, informers.persistentVolumeClaims, events);
        this.revisions = Revisions.ofStatefulSets(client, informers.controllerRevisions);
        this.loop = new ControlLoop<>("statefulset", 2, this::reconcile);
        informers.statefulSets.onAnyChange(set -> loop.enqueue(NamespacedName.of(set)));
        informers.pods.onChange(
                new PodOwners<>(
                                "StatefulSet",
                                informers.statefulSets::listIn,
                                set -> set.getSpec().getSelector(),
                                loop::enqueue)
                        ::changed);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    /** The revisions a set comes from and goes to. */
    private record Versions(
            List<ControllerRevision> all, ControllerRevision current, ControllerRevision update) {}

    private void reconcile(NamespacedName key) {
        Optional<StatefulSet> found = informers.statefulSets.find(key);
        if (found.isEmpty()) {
            return;
        }
        if (!pods.isUpToDate(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        StatefulSet set = found.get();
        List<Pod> mine =
                pods.claim(
                        set,
                        set.getSpec().getSelector(),
                        pod -> Identity.ordinal(set, pod).isPresent());
        Versions versions;
        try {
            versions = versions(set);
        } catch (Revisions.NameTakenException e) {
            writeStatus(set, Progress.collided(set));
            throw e;
        }
        String current = versions.current().getMetadata().getName();
        String update = versions.update().getMetadata().getName();
        if (set.getMetadata().getDeletionTimestamp() == null) {
            claims.keepOwners(set, mine);
            for (Plan.Step step : Plan.of(set, mine, current, update, clock.instant())) {
                take(step, set, versions);
            }
        }
        writeStatus(set, Progress.of(set, mine, current, update, clock.instant()));
        removeOldRevisions(set, mine, versions);
        if (Pods.areSettling(mine, Plan.minReady(set), clock.instant())) {
            loop.enqueueAfter(key, Plan.minReady(set));
        }
    }

    private Versions versions(StatefulSet set) {
        List<ControllerRevision> all = revisions.claim(set, set.getSpec().getSelector());
        ControllerRevision update =
                revisions.revisionOf(
                        set, set.getSpec().getTemplate(), all, Progress.collisions(set));
        String from = set.getStatus() == null ? null : set.getStatus().getCurrentRevision();
        ControllerRevision current =
                all.stream()
                        .filter(revision -> revision.getMetadata().getName().equals(from))
                        .findFirst()
                        .orElse(update);
        return new Versions(all, current, update);
    }

    private void take(Plan.Step step, StatefulSet set, Versions versions) {
        switch (step) {
            case Plan.Step.Create(int ordinal, boolean ofUpdate) ->
                    create(set, ordinal, ofUpdate ? versions.update() : versions.current());
            case Plan.Step.Replace(Pod pod) -> delete(set, pod);
            case Plan.Step.Claims(int ordinal) -> claims.make(set, ordinal);
            case Plan.Step.Delete(Pod pod) -> delete(set, pod);
            case Plan.Step.Label(Pod pod, int ordinal) -> label(set, pod, ordinal);
        }
    }

    private void create(StatefulSet set, int ordinal, ControllerRevision revision) {
        PodTemplateSpec template = revisions.templateOf(revision);
        Pod pod = Identity.pod(set, template, revision.getMetadata().getName(), ordinal);
        claims.make(set, ordinal);
        told(
                set,
                "Create",
                pod,
                () -> {
                    pods.noteCreated(set, client.pods().resource(pod).create());
                    return true;
                });
    }

    private void delete(StatefulSet set, Pod pod) {
        told(set, "Delete", pod, () -> pods.deleteQuietly(set, pod));
    }

    private void label(StatefulSet set, Pod pod, int ordinal) {
        told(
                set,
                "Update",
                pod,
                () -> {
                    var _ = client.pods().resource(Identity.labelled(pod, ordinal)).update();
                    return true;
                });
    }

    /** Does something to a pod, and says how that went; nothing if {@code step} answers false. */
    private void told(StatefulSet set, String verb, Pod pod, BooleanSupplier step) {
        String what =
                "%s Pod %s in StatefulSet %s "
                        .formatted(
                                verb.toLowerCase(Locale.ROOT),
                                pod.getMetadata().getName(),
                                set.getMetadata().getName());
        try {
            if (step.getAsBoolean()) {
                events.normal(set, "Successful" + verb, what + "successful");
            }
        } catch (KubernetesClientException e) {
            // the name is taken: the next look at the pods says by whom
            if (e.getStatus() == null || !"AlreadyExists".equals(e.getStatus().getReason())) {
                events.warning(
                        set, "Failed" + verb, what + "failed error: " + PodControl.reason(e));
            }
            throw e;
        }
    }

    private void writeStatus(StatefulSet set, StatefulSet changed) {
        if (!changed.getStatus().equals(set.getStatus())) {
            var _ = client.apps().statefulSets().resource(changed).updateStatus();
        }
    }

    private void removeOldRevisions(StatefulSet set, List<Pod> mine, Versions versions) {
        Set<String> inUse = new HashSet<>();
        inUse.add(versions.current().getMetadata().getName());
        inUse.add(versions.update().getMetadata().getName());
        mine.forEach(pod -> inUse.add(Identity.revision(pod)));
        Integer limit = set.getSpec().getRevisionHistoryLimit();
        revisions.truncate(versions.all(), inUse, limit == null ? KEPT_REVISIONS : limit);
    }
}
