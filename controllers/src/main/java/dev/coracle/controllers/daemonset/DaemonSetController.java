package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.daemonset.NodePlan.Place;
import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.history.Revisions;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.PodControl;
import dev.coracle.controllers.pod.PodOwners;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps one pod on each node that takes it, as {@link NodePlan} says. */
public final class DaemonSetController {

    private static final int KEPT_REVISIONS = 10;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final PodControl pods;
    private final Revisions revisions;
    private final EndedPods ended = new EndedPods();
    private final ControlLoop<NamespacedName> loop;

    public DaemonSetController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.pods = new PodControl(client, informers, events);
        this.revisions = Revisions.ofDaemonSets(client, informers.controllerRevisions);
        this.loop = new ControlLoop<>("daemonset", 2, this::reconcile);
        informers.daemonSets.onAnyChange(set -> loop.enqueue(NamespacedName.of(set)));
        informers.pods.onChange(
                new PodOwners<>(
                                "DaemonSet",
                                informers.daemonSets::listIn,
                                set -> set.getSpec().getSelector(),
                                loop::enqueue)
                        ::changed);
        informers.nodes.onChange(this::nodeChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    /** A heartbeat changes nothing for daemons; labels and taints do. */
    private void nodeChanged(@Nullable Node before, @Nullable Node after) {
        if (before != null
                && after != null
                && Objects.equals(before.getSpec(), after.getSpec())
                && Selectors.labels(before).equals(Selectors.labels(after))) {
            return;
        }
        informers.daemonSets.list().forEach(set -> loop.enqueue(NamespacedName.of(set)));
    }

    private void reconcile(NamespacedName key) {
        Optional<DaemonSet> found = informers.daemonSets.find(key);
        if (found.isEmpty()) {
            return;
        }
        if (!pods.isUpToDate(key)) {
            loop.enqueueAfter(key, Duration.ofSeconds(1));
            return;
        }
        DaemonSet set = found.get();
        List<Pod> mine = pods.claim(set, set.getSpec().getSelector());
        List<ControllerRevision> all = revisions.claim(set, set.getSpec().getSelector());
        ControllerRevision newest = newest(set, all);
        if (mergesTwins(newest, all, mine)) {
            return;
        }
        String hash = revisions.hashOf(newest);
        List<Pod> homeless = new ArrayList<>();
        List<Place> places = places(set, mine, homeless);
        Optional<String> failure = Optional.empty();
        if (set.getMetadata().getDeletionTimestamp() == null) {
            NodePlan plan = NodePlan.of(set, places, homeless, hash, clock.instant());
            failure = carryOut(plan, set, hash);
        }
        writeStatus(set, places, hash);
        removeOldRevisions(set, mine, all, hash);
        if (failure.isPresent()) {
            throw new IllegalStateException("cannot change pods: " + failure.get());
        }
        if (Pods.areSettling(mine, NodePlan.minReady(set), clock.instant())) {
            loop.enqueueAfter(key, NodePlan.minReady(set));
        }
    }

    /**
     * Keeps one of several revisions of a template: the pods of the others become its pods.
     *
     * @return whether there were others; the changes lead to another sync
     */
    private boolean mergesTwins(
            ControllerRevision newest, List<ControllerRevision> all, List<Pod> mine) {
        List<ControllerRevision> twins = revisions.twinsOf(newest, all);
        Set<String> hashes = new HashSet<>();
        twins.forEach(twin -> hashes.add(revisions.hashOf(twin)));
        for (Pod pod : mine) {
            if (hashes.contains(DaemonPod.revision(pod))) {
                var _ =
                        client.pods()
                                .resource(
                                        new PodBuilder(pod)
                                                .editMetadata()
                                                .addToLabels(
                                                        DaemonPod.REVISION,
                                                        revisions.hashOf(newest))
                                                .endMetadata()
                                                .build())
                                .update();
            }
        }
        twins.forEach(revisions::delete);
        return !twins.isEmpty();
    }

    private ControllerRevision newest(DaemonSet set, List<ControllerRevision> all) {
        int collisions =
                set.getStatus() == null || set.getStatus().getCollisionCount() == null
                        ? 0
                        : set.getStatus().getCollisionCount();
        try {
            return revisions.revisionOf(set, set.getSpec().getTemplate(), all, collisions);
        } catch (Revisions.NameTakenException e) {
            var _ =
                    client.apps()
                            .daemonSets()
                            .resource(
                                    new DaemonSetBuilder(set)
                                            .editOrNewStatus()
                                            .withCollisionCount(collisions + 1)
                                            .endStatus()
                                            .build())
                            .updateStatus();
            throw e;
        }
    }

    private List<Place> places(DaemonSet set, List<Pod> mine, List<Pod> homeless) {
        Map<String, List<Pod>> byNode = new HashMap<>();
        for (Pod pod : mine) {
            Optional<String> node = DaemonPod.node(pod);
            if (node.isPresent()
                    && informers.nodes.find(new NamespacedName("", node.get())).isPresent()) {
                byNode.computeIfAbsent(node.get(), _ -> new ArrayList<>()).add(pod);
            } else {
                homeless.add(pod);
            }
        }
        Pod template = DaemonPod.template(set);
        return informers.nodes.list().stream()
                .sorted(Comparator.comparing(node -> node.getMetadata().getName()))
                .map(node ->
                        new Place(
                                node.getMetadata().getName(),
                                DaemonPod.verdict(template, node),
                                byNode.getOrDefault(node.getMetadata().getName(), List.of())))
                .toList();
    }

    private Optional<String> carryOut(NodePlan plan, DaemonSet set, String hash) {
        List<Pod> deletions = new ArrayList<>(plan.deletions());
        plan.ended().stream().filter(pod -> isReplaced(set, pod)).forEach(deletions::add);
        Optional<String> deleted = pods.delete(set, deletions);
        Optional<String> created =
                pods.create(
                        set,
                        plan.creations().stream()
                                .map(node -> DaemonPod.of(set, hash, node))
                                .toList());
        return deleted.or(() -> created);
    }

    /** Whether a pod that has ended is replaced now; says so. */
    private boolean isReplaced(DaemonSet set, Pod pod) {
        String node = DaemonPod.node(pod).orElse("");
        Duration wait =
                ended.waitBeforeReplacing(set.getMetadata().getUid() + "/" + node, clock.instant());
        if (wait.isPositive()) {
            loop.enqueueAfter(NamespacedName.of(set), wait);
            return false;
        }
        boolean failed = Pods.phase(pod).equals("Failed");
        String message =
                "Found %s daemon pod %s/%s on node %s, will try to %s it"
                        .formatted(
                                failed ? "failed" : "succeeded",
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                node,
                                failed ? "kill" : "delete");
        if (failed) {
            events.warning(set, "FailedDaemonPod", message);
        } else {
            events.normal(set, "SucceededDaemonPod", message);
        }
        return true;
    }

    private void writeStatus(DaemonSet set, List<Place> places, String hash) {
        DaemonSet changed = DaemonStatus.of(set, places, hash, clock.instant());
        if (!changed.getStatus().equals(set.getStatus())) {
            var _ = client.apps().daemonSets().resource(changed).updateStatus();
        }
    }

    private void removeOldRevisions(
            DaemonSet set, List<Pod> mine, List<ControllerRevision> all, String hash) {
        Set<String> hashes = new HashSet<>();
        hashes.add(hash);
        mine.forEach(pod -> hashes.add(DaemonPod.revision(pod)));
        Set<String> inUse = new HashSet<>();
        all.stream()
                .filter(revision -> hashes.contains(revisions.hashOf(revision)))
                .forEach(revision -> inUse.add(revision.getMetadata().getName()));
        Integer limit = set.getSpec().getRevisionHistoryLimit();
        revisions.truncate(all, inUse, limit == null ? KEPT_REVISIONS : limit);
    }
}
