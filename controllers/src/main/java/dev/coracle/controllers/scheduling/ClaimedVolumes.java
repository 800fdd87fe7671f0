package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.persistentvolume.PodClaims;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/** What a pod's claims say about where it can run. */
final class ClaimedVolumes {

    private final ClusterInformers informers;

    ClaimedVolumes(ClusterInformers informers) {
        this.informers = informers;
    }

    /** Why no node will do: a claim is missing or not bound yet. */
    Optional<String> objection(Pod pod) {
        for (String name : PodClaims.names(pod)) {
            Optional<PersistentVolumeClaim> claim = claim(pod, name);
            if (claim.isEmpty()) {
                return Optional.of("persistentvolumeclaim \"" + name + "\" not found");
            }
            if (claim.get().getMetadata().getDeletionTimestamp() != null) {
                return Optional.of("persistentvolumeclaim \"" + name + "\" is being deleted");
            }
            if (claim.get().getStatus() == null
                    || !"Bound".equals(claim.get().getStatus().getPhase())) {
                return Optional.of("pod has unbound immediate PersistentVolumeClaims");
            }
        }
        return Optional.empty();
    }

    /** What each node has that the pod's volumes can be reached from. */
    List<NodeSelector> required(Pod pod) {
        return PodClaims.names(pod).stream()
                .flatMap(name -> claim(pod, name).stream())
                .map(claim -> new NamespacedName("", claim.getSpec().getVolumeName()))
                .flatMap(name -> informers.persistentVolumes.find(name).stream())
                .flatMap(volume -> affinity(volume).stream())
                .toList();
    }

    private static Optional<NodeSelector> affinity(PersistentVolume volume) {
        return Optional.ofNullable(volume.getSpec().getNodeAffinity())
                .flatMap(affinity -> Optional.ofNullable(affinity.getRequired()));
    }

    private Optional<PersistentVolumeClaim> claim(Pod pod, String name) {
        return informers.persistentVolumeClaims.find(
                new NamespacedName(pod.getMetadata().getNamespace(), name));
    }
}
