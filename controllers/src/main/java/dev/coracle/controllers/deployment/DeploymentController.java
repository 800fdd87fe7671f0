package dev.coracle.controllers.deployment;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Adoption;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rolls a Deployment's pods from its old ReplicaSets to the one of its current template. */
public final class DeploymentController {

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final TemplateReplicaSets templates;
    private final Adoption adoption;
    private final ControlLoop<NamespacedName> loop;

    public DeploymentController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.adoption = new Adoption(client);
        this.templates = new TemplateReplicaSets(client, events, clock);
        this.loop = new ControlLoop<>("deployment", 2, this::reconcile);
        informers.deployments.onAnyChange(d -> loop.enqueue(NamespacedName.of(d)));
        informers.replicaSets.onAnyChange(this::replicaSetChanged);
        informers.pods.onChange(this::podChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void replicaSetChanged(ReplicaSet replicaSet) {
        String namespace = replicaSet.getMetadata().getNamespace();
        Owners.findController(replicaSet)
                .ifPresentOrElse(
                        owner -> loop.enqueue(new NamespacedName(namespace, owner.getName())),
                        () ->
                                informers.deployments.listIn(namespace).stream()
                                        .filter(d -> selects(d, replicaSet))
                                        .forEach(d -> loop.enqueue(NamespacedName.of(d))));
    }

    /** A Recreate rollout waits for old pods to be gone. */
    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        if (before != null && after == null) {
            for (Deployment deployment :
                    informers.deployments.listIn(before.getMetadata().getNamespace())) {
                if (isRecreate(deployment)
                        && Selectors.selects(
                                deployment.getSpec().getSelector(), Selectors.labels(before))) {
                    loop.enqueue(NamespacedName.of(deployment));
                }
            }
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<Deployment> found = informers.deployments.find(key);
        if (found.isEmpty()) {
            return;
        }
        Deployment deployment = found.get();
        List<ReplicaSet> all = claim(deployment);
        Optional<ReplicaSet> current = TemplateReplicaSets.find(deployment, all);
        if (deployment.getMetadata().getDeletionTimestamp() == null) {
            deployment = rollOut(deployment, all, current);
        } else {
            deployment = writeStatus(deployment, current, without(all, current));
        }
        DeploymentConditions.findTimeToDeadline(deployment, clock.instant())
                .filter(left -> left.isPositive())
                .ifPresent(left -> loop.enqueueAfter(key, left.plusSeconds(1)));
    }

    /** Takes the next step; the Deployment as it is afterwards. */
    private Deployment rollOut(
            Deployment before, List<ReplicaSet> all, Optional<ReplicaSet> present) {
        Deployment deployment = before;
        Optional<ReplicaSet> current = present;
        Rollout.Limits limits = Rollout.Limits.of(deployment);
        boolean paused = Boolean.TRUE.equals(deployment.getSpec().getPaused());
        boolean resized = isResized(deployment, all);
        if (!paused && current.isEmpty() && readyForNew(deployment, all)) {
            int replicas = isRecreate(deployment) ? limits.desired() : firstStep(limits, all);
            current = templates.create(deployment, all, replicas, limits);
            if (current.isEmpty()) {
                return deployment;
            }
        }
        List<ReplicaSet> old = without(all, current);
        if (current.isPresent()) {
            ReplicaSet annotated = templates.annotate(deployment, current.get(), old, limits);
            deployment = templates.number(deployment, annotated);
            current = Optional.of(annotated);
        }
        scale(deployment, current, old, next(deployment, limits, current, old, resized), limits);
        deployment = writeStatus(deployment, current, old);
        if (paused || DeploymentConditions.isComplete(deployment, deployment.getStatus())) {
            cleanUp(deployment, current, old);
        }
        return deployment;
    }

    /** The replica counts that change now, by name. */
    private Map<String, Integer> next(
            Deployment deployment,
            Rollout.Limits limits,
            Optional<ReplicaSet> current,
            List<ReplicaSet> old,
            boolean resized) {
        if (resized || Boolean.TRUE.equals(deployment.getSpec().getPaused())) {
            return Rollout.proportional(
                    limits,
                    !isRecreate(deployment),
                    current.filter(rs -> isSaturated(rs, limits)).isPresent(),
                    revisions(old, current));
        }
        List<Rollout.Revision> before = revisions(old, Optional.empty());
        if (current.isEmpty()) {
            return isRecreate(deployment) ? Rollout.recreate(before) : Map.of();
        }
        Rollout.Revision now = revision(current.get());
        return isRecreate(deployment)
                ? recreate(deployment, limits, now, before)
                : Rollout.rolling(limits, now, before);
    }

    private static boolean isSaturated(ReplicaSet rs, Rollout.Limits limits) {
        return rs.getSpec().getReplicas() == limits.desired()
                && RevisionHistory.number(rs, RevisionHistory.DESIRED) == limits.desired()
                && revision(rs).available() == limits.desired();
    }

    private List<ReplicaSet> claim(Deployment deployment) {
        List<ReplicaSet> mine = new ArrayList<>();
        for (ReplicaSet rs :
                informers.replicaSets.listIn(deployment.getMetadata().getNamespace())) {
            if (Owners.isControlledBy(rs, deployment)) {
                if (selects(deployment, rs)) {
                    mine.add(rs);
                } else if (rs.getMetadata().getDeletionTimestamp() == null) {
                    release(rs, deployment);
                }
            } else if (Owners.findController(rs).isEmpty()
                    && rs.getMetadata().getDeletionTimestamp() == null
                    && deployment.getMetadata().getDeletionTimestamp() == null
                    && selects(deployment, rs)
                    && adoption.isOpenTo(deployment)) {
                ReplicaSet adopted =
                        new ReplicaSetBuilder(rs)
                                .editMetadata()
                                .addToOwnerReferences(Owners.controllerReference(deployment))
                                .endMetadata()
                                .build();
                mine.add(client.apps().replicaSets().resource(adopted).update());
            }
        }
        mine.sort(
                Comparator.comparing((ReplicaSet rs) -> rs.getMetadata().getCreationTimestamp())
                        .thenComparing(rs -> rs.getMetadata().getName()));
        return mine;
    }

    private void release(ReplicaSet rs, Deployment deployment) {
        ReplicaSet released =
                new ReplicaSetBuilder(rs)
                        .editMetadata()
                        .removeMatchingFromOwnerReferences(
                                o -> deployment.getMetadata().getUid().equals(o.getUid()))
                        .endMetadata()
                        .build();
        var _ = client.apps().replicaSets().resource(released).update();
    }

    private static boolean selects(Deployment deployment, ReplicaSet rs) {
        return Selectors.selects(deployment.getSpec().getSelector(), Selectors.labels(rs));
    }

    /** A Recreate rollout makes the new ReplicaSet when the last old pod is gone. */
    private boolean readyForNew(Deployment deployment, List<ReplicaSet> old) {
        return !isRecreate(deployment)
                || (old.stream().allMatch(rs -> rs.getSpec().getReplicas() == 0)
                        && old.stream()
                                .map(rs -> rs.getMetadata().getUid())
                                .flatMap(uid -> informers.pods.listControlledBy(uid).stream())
                                .allMatch(Pods::isFinished));
    }

    private Map<String, Integer> recreate(
            Deployment deployment,
            Rollout.Limits limits,
            Rollout.Revision now,
            List<Rollout.Revision> old) {
        Map<String, Integer> shrink = Rollout.recreate(old);
        if (!shrink.isEmpty() || now.replicas() == limits.desired()) {
            return shrink;
        }
        List<ReplicaSet> before =
                claim(deployment).stream()
                        .filter(rs -> !rs.getMetadata().getName().equals(now.name()))
                        .toList();
        return readyForNew(deployment, before) ? Map.of(now.name(), limits.desired()) : Map.of();
    }

    private static int firstStep(Rollout.Limits limits, List<ReplicaSet> all) {
        int total = all.stream().mapToInt(rs -> rs.getSpec().getReplicas()).sum();
        return Math.max(0, Math.min(limits.desired(), limits.maximum() - total));
    }

    private static boolean isResized(Deployment deployment, List<ReplicaSet> all) {
        return all.stream()
                .filter(rs -> rs.getSpec().getReplicas() > 0)
                .filter(rs -> RevisionHistory.number(rs, RevisionHistory.MAXIMUM) > 0)
                .anyMatch(rs ->
                        RevisionHistory.number(rs, RevisionHistory.DESIRED)
                                != deployment.getSpec().getReplicas());
    }

    private static boolean isRecreate(Deployment deployment) {
        var strategy = deployment.getSpec().getStrategy();
        return strategy != null && "Recreate".equals(strategy.getType());
    }

    private static List<ReplicaSet> without(List<ReplicaSet> all, Optional<ReplicaSet> current) {
        return all.stream()
                .filter(rs ->
                        current.isEmpty()
                                || !rs.getMetadata()
                                        .getName()
                                        .equals(current.get().getMetadata().getName()))
                .toList();
    }

    private static List<Rollout.Revision> revisions(
            List<ReplicaSet> old, Optional<ReplicaSet> last) {
        List<Rollout.Revision> revisions =
                new ArrayList<>(old.stream().map(DeploymentController::revision).toList());
        last.map(DeploymentController::revision).ifPresent(revisions::add);
        return revisions;
    }

    private static Rollout.Revision revision(ReplicaSet rs) {
        Integer available = rs.getStatus() == null ? null : rs.getStatus().getAvailableReplicas();
        return new Rollout.Revision(
                rs.getMetadata().getName(),
                rs.getSpec().getReplicas(),
                available == null ? 0 : available,
                (int) RevisionHistory.number(rs, RevisionHistory.MAXIMUM),
                rs.getMetadata().getCreationTimestamp());
    }

    private void scale(
            Deployment deployment,
            Optional<ReplicaSet> current,
            List<ReplicaSet> old,
            Map<String, Integer> next,
            Rollout.Limits limits) {
        List<ReplicaSet> all = new ArrayList<>(old);
        current.ifPresent(all::add);
        for (ReplicaSet rs : all) {
            int before = rs.getSpec().getReplicas();
            int after = next.getOrDefault(rs.getMetadata().getName(), before);
            boolean stale = RevisionHistory.number(rs, RevisionHistory.DESIRED) != limits.desired();
            if (after == before && !(stale && before > 0)) {
                continue;
            }
            ReplicaSet changed =
                    new ReplicaSetBuilder(rs)
                            .editMetadata()
                            .addToAnnotations(
                                    RevisionHistory.DESIRED, Integer.toString(limits.desired()))
                            .addToAnnotations(
                                    RevisionHistory.MAXIMUM, Integer.toString(limits.maximum()))
                            .endMetadata()
                            .editSpec()
                            .withReplicas(after)
                            .endSpec()
                            .build();
            var _ = client.apps().replicaSets().resource(changed).update();
            if (after != before) {
                events.normal(
                        deployment,
                        "ScalingReplicaSet",
                        "Scaled %s replica set %s from %d to %d"
                                .formatted(
                                        after > before ? "up" : "down",
                                        rs.getMetadata().getName(),
                                        before,
                                        after));
            }
        }
    }

    private Deployment writeStatus(
            Deployment deployment, Optional<ReplicaSet> current, List<ReplicaSet> old) {
        DeploymentStatus status =
                DeploymentConditions.status(
                        deployment,
                        current.orElse(null),
                        old,
                        Rollout.Limits.of(deployment),
                        clock.instant());
        if (status.equals(deployment.getStatus())) {
            return deployment;
        }
        Deployment changed = new DeploymentBuilder(deployment).withStatus(status).build();
        return client.apps().deployments().resource(changed).updateStatus();
    }

    private void cleanUp(
            Deployment deployment, Optional<ReplicaSet> current, List<ReplicaSet> old) {
        Integer limit = deployment.getSpec().getRevisionHistoryLimit();
        if (current.isEmpty() || limit == null) {
            return;
        }
        for (ReplicaSet rs : RevisionHistory.expired(old, limit)) {
            var _ = client.apps().replicaSets().resource(rs).delete();
        }
    }
}
