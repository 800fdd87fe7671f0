package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.PodOwners;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.replicaset.ReplicaSetStatusTranslation.Failure;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Creates and deletes pods until a ReplicaSet, or a ReplicationController, has as many as it asks
 * for, and says so in its status.
 */
public final class ReplicaSetController<T extends HasMetadata> {

    private static final int LARGEST_STEP = 500;

    private final Replicated<T> kind;
    private final ClusterInformers informers;
    private final InstantSource clock;
    private final PodControl pods;
    private final ControlLoop<NamespacedName> loop;

    private ReplicaSetController(
            Replicated<T> kind,
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.kind = kind;
        this.informers = informers;
        this.clock = clock;
        this.pods = new PodControl(client, informers, events);
        this.loop = new ControlLoop<>(kind.kind(), 4, this::reconcile);
        kind.informer().onAnyChange(owner -> loop.enqueue(NamespacedName.of(owner)));
        informers.pods.onChange(
                new PodOwners<>(
                                kind.kind(),
                                kind.informer()::listIn,
                                owner -> kind.view().apply(owner).getSpec().getSelector(),
                                loop::enqueue)
                        ::changed);
    }

    public static ReplicaSetController<ReplicaSet> ofReplicaSets(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        return new ReplicaSetController<>(
                Replicated.replicaSets(client, informers), client, informers, events, clock);
    }

    public static ReplicaSetController<ReplicationController> ofReplicationControllers(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        return new ReplicaSetController<>(
                Replicated.replicationControllers(client, informers),
                client,
                informers,
                events,
                clock);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void reconcile(NamespacedName key) {
        Optional<T> found = kind.informer().find(key);
        if (found.isEmpty()) {
            return;
        }
        if (!pods.isUpToDate(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        ReplicaSet replicaSet = kind.view().apply(found.get());
        List<Pod> active =
                pods.claim(replicaSet, replicaSet.getSpec().getSelector()).stream()
                        .filter(Pods::isActive)
                        .toList();
        Optional<Failure> failure = Optional.empty();
        if (replicaSet.getMetadata().getDeletionTimestamp() == null) {
            int missing = replicaSet.getSpec().getReplicas() - active.size();
            if (missing > 0) {
                failure =
                        create(replicaSet, Math.min(missing, LARGEST_STEP)).map(Failure::toCreate);
            } else if (missing < 0) {
                failure =
                        pods.delete(
                                        replicaSet,
                                        DeletionRanking.first(
                                                Math.min(-missing, LARGEST_STEP),
                                                active,
                                                siblings(replicaSet, active)))
                                .map(Failure::toDelete);
            }
        }
        writeStatus(found.get(), replicaSet, active, failure);
        if (failure.isPresent()) {
            throw new IllegalStateException(
                    failure.get().reason() + ": " + failure.get().message());
        }
        if (Pods.areSettling(active, minReady(replicaSet), clock.instant())) {
            loop.enqueueAfter(key, minReady(replicaSet));
        }
    }

    /** The active pods of all that have the same controller as {@code replicaSet}. */
    private List<Pod> siblings(ReplicaSet replicaSet, List<Pod> active) {
        return Owners.findController(replicaSet)
                .map(owner ->
                        kind.informer().listControlledBy(owner.getUid()).stream()
                                .map(sibling -> sibling.getMetadata().getUid())
                                .flatMap(uid -> informers.pods.listControlledBy(uid).stream())
                                .filter(Pods::isActive)
                                .toList())
                .orElse(active);
    }

    private Optional<String> create(ReplicaSet replicaSet, int count) {
        Pod pod =
                PodControl.podOf(replicaSet, replicaSet.getSpec().getTemplate())
                        .editMetadata()
                        .withGenerateName(replicaSet.getMetadata().getName() + "-")
                        .endMetadata()
                        .build();
        return pods.create(replicaSet, Collections.nCopies(count, pod));
    }

    private void writeStatus(
            T owner, ReplicaSet replicaSet, List<Pod> active, Optional<Failure> failure) {
        ReplicaSetStatusTranslation.Counts counts =
                ReplicaSetStatusTranslation.count(
                        replicaSet, active, minReady(replicaSet), clock.instant());
        ReplicaSet changed =
                ReplicaSetStatusTranslation.apply(replicaSet, counts, failure, clock.instant());
        if (!changed.getStatus().equals(replicaSet.getStatus())) {
            kind.writeStatus().accept(owner, changed.getStatus());
        }
    }

    private static Duration minReady(ReplicaSet replicaSet) {
        return Pods.minReady(replicaSet.getSpec().getMinReadySeconds());
    }
}
