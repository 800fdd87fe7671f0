package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pod and what it takes of a node.
 *
 * @param assumed what it counts as in scores
 * @param family the uid of its controller
 * @param opinionated whether it says anything about other pods
 */
record PlacedPod(
        Pod pod,
        Demand demand,
        Demand assumed,
        List<HostPort> ports,
        @Nullable String family,
        boolean opinionated) {

    static PlacedPod of(Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        return new PlacedPod(
                pod,
                Demand.of(pod),
                Demand.assumedOf(pod),
                HostPort.of(pod),
                Owners.findController(pod).map(OwnerReference::getUid).orElse(null),
                affinity != null
                        && (affinity.getPodAffinity() != null
                                || affinity.getPodAntiAffinity() != null));
    }

    String uid() {
        return pod.getMetadata().getUid();
    }
}
