package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.informer.UnseenWrites;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates and deletes pods until a ReplicaSet has as many as it asks for, and says so in its
 * status.
 */
public final class ReplicaSetController {

    private static final int LARGEST_STEP = 500;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;
    private final UnseenWrites<Pod> writes;

    public ReplicaSetController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("replicaset", 4, this::reconcile);
        this.writes = new UnseenWrites<>(informers.pods, Ticker.system());
        informers.replicaSets.onAnyChange(rs -> loop.enqueue(NamespacedName.of(rs)));
        informers.pods.onChange(this::podChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        if (before != null) {
            enqueueOwners(before);
        }
        if (after != null) {
            enqueueOwners(after);
        }
    }

    private void enqueueOwners(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        Optional<OwnerReference> controller = Owners.findController(pod);
        if (controller.isPresent()) {
            if (controller.get().getKind().equals("ReplicaSet")) {
                loop.enqueue(new NamespacedName(namespace, controller.get().getName()));
            }
            return;
        }
        for (ReplicaSet replicaSet : informers.replicaSets.listIn(namespace)) {
            if (Selectors.selects(replicaSet.getSpec().getSelector(), Selectors.labels(pod))) {
                loop.enqueue(NamespacedName.of(replicaSet));
            }
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<ReplicaSet> found = informers.replicaSets.find(key);
        if (found.isEmpty()) {
            return;
        }
        if (!writes.areSeen(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        ReplicaSet replicaSet = found.get();
        List<Pod> pods = claim(replicaSet);
        List<Pod> active = pods.stream().filter(Pods::isActive).toList();
        Optional<String> failure = Optional.empty();
        if (replicaSet.getMetadata().getDeletionTimestamp() == null) {
            int missing = replicaSet.getSpec().getReplicas() - active.size();
            if (missing > 0) {
                failure = create(key, replicaSet, Math.min(missing, LARGEST_STEP));
            } else if (missing < 0) {
                delete(key, replicaSet, active, Math.min(-missing, LARGEST_STEP));
            }
        }
        writeStatus(replicaSet, active, failure);
        if (failure.isPresent()) {
            throw new IllegalStateException(failure.get());
        }
        if (active.stream().anyMatch(Pods::isReady) && minReady(replicaSet).isPositive()) {
            loop.enqueueAfter(key, minReady(replicaSet));
        }
    }

    /** The pods this ReplicaSet controls, after adopting orphans and releasing strangers. */
    private List<Pod> claim(ReplicaSet replicaSet) {
        List<Pod> mine = new ArrayList<>();
        for (Pod pod : informers.pods.listIn(replicaSet.getMetadata().getNamespace())) {
            boolean selected =
                    Selectors.selects(replicaSet.getSpec().getSelector(), Selectors.labels(pod));
            if (Owners.isControlledBy(pod, replicaSet)) {
                if (selected) {
                    mine.add(pod);
                } else if (!Pods.isTerminating(pod)) {
                    release(pod, replicaSet);
                }
            } else if (selected
                    && Pods.isActive(pod)
                    && Owners.findController(pod).isEmpty()
                    && replicaSet.getMetadata().getDeletionTimestamp() == null) {
                mine.add(adopt(pod, replicaSet));
            }
        }
        return mine;
    }

    private Pod adopt(Pod pod, ReplicaSet replicaSet) {
        Pod changed =
                new PodBuilder(pod)
                        .editMetadata()
                        .addToOwnerReferences(Owners.controllerReference(replicaSet))
                        .endMetadata()
                        .build();
        return client.pods().resource(changed).update();
    }

    private void release(Pod pod, ReplicaSet replicaSet) {
        Pod changed =
                new PodBuilder(pod)
                        .editMetadata()
                        .removeMatchingFromOwnerReferences(
                                o -> replicaSet.getMetadata().getUid().equals(o.getUid()))
                        .endMetadata()
                        .build();
        Pod _ = client.pods().resource(changed).update();
    }

    private Optional<String> create(NamespacedName key, ReplicaSet replicaSet, int count) {
        for (int i = 0; i < count; i++) {
            try {
                Pod created =
                        client.pods()
                                .inNamespace(key.namespace())
                                .resource(pod(replicaSet))
                                .create();
                writes.created(key, created);
                events.normal(
                        replicaSet,
                        "SuccessfulCreate",
                        "Created pod: " + created.getMetadata().getName());
            } catch (KubernetesClientException e) {
                if (isLeaving(replicaSet)) {
                    return Optional.empty();
                }
                String reason = e.getStatus() == null ? e.toString() : e.getStatus().getMessage();
                events.warning(replicaSet, "FailedCreate", "Error creating: " + reason);
                return Optional.of("cannot create pod: " + reason);
            }
        }
        return Optional.empty();
    }

    private boolean isLeaving(ReplicaSet replicaSet) {
        return informers
                .namespaces
                .find(new NamespacedName("", replicaSet.getMetadata().getNamespace()))
                .filter(namespace -> namespace.getMetadata().getDeletionTimestamp() == null)
                .isEmpty();
    }

    private static Pod pod(ReplicaSet replicaSet) {
        var template = replicaSet.getSpec().getTemplate();
        var metadata = template.getMetadata();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(replicaSet.getMetadata().getNamespace())
                .withGenerateName(replicaSet.getMetadata().getName() + "-")
                .withLabels(metadata == null ? null : metadata.getLabels())
                .withAnnotations(metadata == null ? null : metadata.getAnnotations())
                .withFinalizers(metadata == null ? null : metadata.getFinalizers())
                .withOwnerReferences(Owners.controllerReference(replicaSet))
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }

    private void delete(NamespacedName key, ReplicaSet replicaSet, List<Pod> active, int count) {
        for (Pod pod : DeletionRanking.first(count, active)) {
            try {
                var _ = client.pods().resource(pod).delete();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
            }
            writes.deleted(key, pod);
            events.normal(
                    replicaSet, "SuccessfulDelete", "Deleted pod: " + pod.getMetadata().getName());
        }
    }

    private void writeStatus(ReplicaSet replicaSet, List<Pod> active, Optional<String> failure) {
        ReplicaSetStatusTranslation.Counts counts =
                ReplicaSetStatusTranslation.count(
                        replicaSet, active, minReady(replicaSet), clock.instant());
        ReplicaSet changed =
                ReplicaSetStatusTranslation.apply(replicaSet, counts, failure, clock.instant());
        if (!changed.getStatus().equals(replicaSet.getStatus())) {
            var _ = client.apps().replicaSets().resource(changed).updateStatus();
        }
    }

    private static Duration minReady(ReplicaSet replicaSet) {
        Integer seconds = replicaSet.getSpec().getMinReadySeconds();
        return Duration.ofSeconds(seconds == null ? 0 : seconds);
    }
}
