package dev.coracle.controllers.pod;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.informer.UnseenWrites;
import dev.coracle.controllers.ownership.Adoption;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Creates, deletes, adopts and releases pods for what controls them, remembers what the informer
 * does not show yet, and writes the events that upstream writes. Thread-safe.
 */
public final class PodControl {

    /** More would not be faster: they share a connection. */
    private static final int LARGEST_BATCH = 10;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final Adoption adoption;
    private final UnseenWrites<Pod> writes;

    public PodControl(KubernetesClient client, ClusterInformers informers, EventRecorder events) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.adoption = new Adoption(client);
        this.writes = new UnseenWrites<>(informers.pods, Ticker.system());
    }

    /** False while pods of {@code owner} must not be counted: the informer is behind. */
    public boolean isUpToDate(NamespacedName owner) {
        return writes.areSeen(owner);
    }

    /** The pods {@code owner} controls, after adopting orphans and releasing strangers. */
    public List<Pod> claim(HasMetadata owner, LabelSelector selector) {
        return claim(owner, selector, _ -> true);
    }

    /** The same; only what {@code canBeMember} is adopted. */
    public List<Pod> claim(HasMetadata owner, LabelSelector selector, Predicate<Pod> canBeMember) {
        List<Pod> mine = new ArrayList<>();
        boolean leaving = owner.getMetadata().getDeletionTimestamp() != null;
        for (Pod pod : informers.pods.listControlledBy(owner.getMetadata().getUid())) {
            if (Selectors.selects(selector, Selectors.labels(pod))) {
                mine.add(pod);
            } else if (!Pods.isTerminating(pod)) {
                release(pod, owner);
            }
        }
        if (leaving) {
            return mine;
        }
        List<Pod> orphans =
                informers.pods.listOrphansIn(owner.getMetadata().getNamespace()).stream()
                        .filter(Pods::isActive)
                        .filter(pod -> Selectors.selects(selector, Selectors.labels(pod)))
                        .filter(canBeMember)
                        .toList();
        if (!orphans.isEmpty() && adoption.isOpenTo(owner)) {
            orphans.forEach(pod -> mine.add(adopt(pod, owner)));
        }
        return mine;
    }

    private Pod adopt(Pod pod, HasMetadata owner) {
        Pod changed =
                new PodBuilder(pod)
                        .editMetadata()
                        .addToOwnerReferences(Owners.controllerReference(owner))
                        .endMetadata()
                        .build();
        return client.pods().resource(changed).update();
    }

    private void release(Pod pod, HasMetadata owner) {
        Pod changed =
                new PodBuilder(pod)
                        .editMetadata()
                        .removeMatchingFromOwnerReferences(
                                o -> owner.getMetadata().getUid().equals(o.getUid()))
                        .endMetadata()
                        .build();
        var _ = client.pods().resource(changed).update();
    }

    /** A pod of a template, in the namespace of {@code owner} and controlled by it; unnamed. */
    public static PodBuilder podOf(HasMetadata owner, PodTemplateSpec template) {
        var metadata = template.getMetadata();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(metadata == null ? null : metadata.getLabels())
                .withAnnotations(metadata == null ? null : metadata.getAnnotations())
                .withFinalizers(metadata == null ? null : metadata.getFinalizers())
                .withOwnerReferences(Owners.controllerReference(owner))
                .endMetadata()
                .withSpec(template.getSpec());
    }

    /**
     * Creates a pod, and says so in an event about {@code owner}.
     *
     * @return what the server said against it; empty when it was, or when the namespace is going
     */
    public Optional<String> create(HasMetadata owner, Pod pod) {
        try {
            created(owner, client.pods().resource(pod).create());
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (isLeaving(owner)) {
                return Optional.empty();
            }
            String reason = reason(e);
            events.warning(owner, "FailedCreate", "Error creating: " + reason);
            return Optional.of(reason);
        }
    }

    /**
     * Creates pods: one, then two, then four at a time and so on, as long as none fails.
     *
     * @return what the server said against one; the next would not be created either
     */
    public Optional<String> create(HasMetadata owner, List<Pod> pods) {
        int batch = 1;
        for (int done = 0; done < pods.size(); done += batch) {
            batch =
                    Math.min(
                            done == 0 ? 1 : batch * 2, Math.min(LARGEST_BATCH, pods.size() - done));
            List<Callable<Optional<String>>> creations = new ArrayList<>();
            for (Pod pod : pods.subList(done, done + batch)) {
                creations.add(() -> create(owner, pod));
            }
            for (Optional<String> failure : Together.run(creations)) {
                if (failure.isPresent()) {
                    return failure;
                }
            }
        }
        return Optional.empty();
    }

    private void created(HasMetadata owner, Pod created) {
        writes.created(NamespacedName.of(owner), created);
        events.normal(owner, "SuccessfulCreate", "Created pod: " + created.getMetadata().getName());
    }

    /** What the server said. */
    public static String reason(KubernetesClientException e) {
        return e.getStatus() == null ? e.toString() : e.getStatus().getMessage();
    }

    /** Whether that is why it was refused: nothing can be made in a namespace that goes. */
    public static boolean saysNamespaceIsGoing(KubernetesClientException e) {
        return e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses() != null
                && e.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    private boolean isLeaving(HasMetadata owner) {
        return informers
                .namespaces
                .find(new NamespacedName("", owner.getMetadata().getNamespace()))
                .filter(namespace -> namespace.getMetadata().getDeletionTimestamp() == null)
                .isEmpty();
    }

    /**
     * Deletes a pod, and says so in an event about {@code owner}; nothing is said of one that has
     * gone meanwhile.
     *
     * @return what stands against it; empty when it is deleted
     */
    public Optional<String> delete(HasMetadata owner, Pod pod) {
        try {
            if (deleteQuietly(owner, pod)) {
                events.normal(
                        owner, "SuccessfulDelete", "Deleted pod: " + pod.getMetadata().getName());
            }
            return Optional.empty();
        } catch (KubernetesClientException e) {
            events.warning(owner, "FailedDelete", "Error deleting: " + reason(e));
            return Optional.of("unable to delete pods: " + reason(e));
        }
    }

    /**
     * Deletes pods, several at a time; one that cannot be deleted does not keep the others.
     *
     * @return what stands against one of them
     */
    public Optional<String> delete(HasMetadata owner, List<Pod> pods) {
        Optional<String> first = Optional.empty();
        for (int done = 0; done < pods.size(); done += LARGEST_BATCH) {
            List<Callable<Optional<String>>> deletions = new ArrayList<>();
            for (Pod pod : pods.subList(done, Math.min(done + LARGEST_BATCH, pods.size()))) {
                deletions.add(() -> delete(owner, pod));
            }
            for (Optional<String> failure : Together.run(deletions)) {
                first = first.or(() -> failure);
            }
        }
        return first;
    }

    /**
     * Deletes a pod without an event.
     *
     * @return false if it had gone already
     */
    public boolean deleteQuietly(HasMetadata owner, Pod pod) {
        // the client answers an empty list for a 404
        boolean deleted = !client.pods().resource(pod).delete().isEmpty();
        writes.deleted(NamespacedName.of(owner), pod);
        return deleted;
    }

    /** Notes a pod that was created otherwise. */
    public void noteCreated(HasMetadata owner, Pod created) {
        writes.created(NamespacedName.of(owner), created);
    }
}
