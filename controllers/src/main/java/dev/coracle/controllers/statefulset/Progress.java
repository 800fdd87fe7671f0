package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The status of a StatefulSet from its pods. */
final class Progress {

    private Progress() {}

    static int collisions(StatefulSet set) {
        return set.getStatus() == null || set.getStatus().getCollisionCount() == null
                ? 0
                : set.getStatus().getCollisionCount();
    }

    /** A copy in whose status another collision is counted. */
    static StatefulSet collided(StatefulSet set) {
        return new StatefulSetBuilder(set)
                .editOrNewStatus()
                .withCollisionCount(collisions(set) + 1)
                .endStatus()
                .build();
    }

    /**
     * A copy with its new status; a rolling update is complete when all the pods that are wanted
     * are there and ready, and what it went to is then what the set comes from.
     */
    static StatefulSet of(
            StatefulSet set, List<Pod> pods, String current, String update, Instant now) {
        int replicas = pods.size();
        int ready = count(pods, pod -> isRunning(pod) && Pods.isReady(pod));
        int available =
                count(
                        pods,
                        pod -> isRunning(pod) && Pods.isAvailable(pod, Plan.minReady(set), now));
        int ofCurrent = count(pods, pod -> isOf(pod, current));
        int ofUpdate = count(pods, pod -> isOf(pod, update));
        var strategy = set.getSpec().getUpdateStrategy();
        boolean rolls = strategy == null || !"OnDelete".equals(strategy.getType());
        int wanted = Identity.replicas(set);
        boolean isComplete = rolls && ofUpdate == wanted && ready == wanted && replicas == wanted;
        return new StatefulSetBuilder(set)
                .withNewStatus()
                .withReplicas(replicas)
                .withReadyReplicas(orAbsent(ready))
                .withAvailableReplicas(available)
                .withCurrentReplicas(orAbsent(isComplete ? ofUpdate : ofCurrent))
                .withUpdatedReplicas(orAbsent(ofUpdate))
                .withCurrentRevision(isComplete ? update : current)
                .withUpdateRevision(update)
                .withCollisionCount(collisions(set))
                .withObservedGeneration(set.getMetadata().getGeneration())
                .withConditions(set.getStatus() == null ? null : set.getStatus().getConditions())
                .endStatus()
                .build();
    }

    private static int count(List<Pod> pods, Predicate<Pod> predicate) {
        return (int) pods.stream().filter(predicate).count();
    }

    private static boolean isRunning(Pod pod) {
        return Pods.phase(pod).equals("Running");
    }

    private static boolean isOf(Pod pod, String revision) {
        return !Pods.isTerminating(pod) && Identity.revision(pod).equals(revision);
    }

    private static @Nullable Integer orAbsent(int count) {
        return count == 0 ? null : Integer.valueOf(count);
    }
}
