package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.daemonset.NodePlan.Place;
import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The status of a DaemonSet from the nodes and its pods on them. */
final class DaemonStatus {

    private DaemonStatus() {}

    /** A copy with its new status. */
    static DaemonSet of(DaemonSet set, List<Place> places, String hash, Instant now) {
        int desired = 0;
        int current = 0;
        int misscheduled = 0;
        int ready = 0;
        int available = 0;
        int updated = 0;
        for (Place place : places) {
            if (!place.verdict().runs()) {
                misscheduled += place.pods().isEmpty() ? 0 : 1;
                continue;
            }
            desired++;
            Optional<Pod> counted = counted(place);
            if (counted.isEmpty()) {
                continue;
            }
            Pod pod = counted.get();
            current++;
            ready += Pods.isReady(pod) ? 1 : 0;
            available += Pods.isAvailable(pod, NodePlan.minReady(set), now) ? 1 : 0;
            updated += DaemonPod.revision(pod).equals(hash) ? 1 : 0;
        }
        return new DaemonSetBuilder(set)
                .withNewStatus()
                .withDesiredNumberScheduled(desired)
                .withCurrentNumberScheduled(current)
                .withNumberMisscheduled(misscheduled)
                .withNumberReady(ready)
                .withNumberAvailable(available == 0 ? null : Integer.valueOf(available))
                .withNumberUnavailable(
                        desired == available ? null : Integer.valueOf(desired - available))
                .withUpdatedNumberScheduled(updated == 0 ? null : Integer.valueOf(updated))
                .withObservedGeneration(set.getMetadata().getGeneration())
                .withCollisionCount(
                        set.getStatus() == null ? null : set.getStatus().getCollisionCount())
                .withConditions(set.getStatus() == null ? null : set.getStatus().getConditions())
                .endStatus()
                .build();
    }

    /** As upstream, the oldest of a node's pods. */
    private static Optional<Pod> counted(Place place) {
        return place.pods().stream()
                .filter(pod -> !Pods.isTerminating(pod))
                .min(
                        Comparator.comparing(
                                (Pod pod) -> pod.getMetadata().getCreationTimestamp(),
                                Comparator.nullsLast(Comparator.naturalOrder())));
    }
}
