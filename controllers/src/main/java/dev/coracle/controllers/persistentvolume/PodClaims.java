package dev.coracle.controllers.persistentvolume;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimTemplate;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The claims a pod's volumes name, and those made for it. Pure. */
public final class PodClaims {

    private PodClaims() {}

    public static List<String> names(Pod pod) {
        List<String> names = new ArrayList<>();
        if (pod.getSpec().getVolumes() != null) {
            for (Volume volume : pod.getSpec().getVolumes()) {
                if (volume.getPersistentVolumeClaim() != null) {
                    names.add(volume.getPersistentVolumeClaim().getClaimName());
                } else if (volume.getEphemeral() != null) {
                    names.add(ephemeralName(pod, volume));
                }
            }
        }
        return names;
    }

    /** The claim of this name that belongs to an ephemeral volume of the pod. */
    static Optional<PersistentVolumeClaim> ephemeral(Pod pod, String name) {
        if (pod.getSpec().getVolumes() == null) {
            return Optional.empty();
        }
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getEphemeral() != null)
                .filter(volume -> ephemeralName(pod, volume).equals(name))
                .map(volume -> claim(pod, name, volume.getEphemeral().getVolumeClaimTemplate()))
                .findFirst();
    }

    private static PersistentVolumeClaim claim(
            Pod pod, String name, PersistentVolumeClaimTemplate template) {
        var metadata = template.getMetadata();
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(name)
                .withLabels(metadata == null ? null : metadata.getLabels())
                .withAnnotations(metadata == null ? null : metadata.getAnnotations())
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }

    private static String ephemeralName(Pod pod, Volume volume) {
        return pod.getMetadata().getName() + "-" + volume.getName();
    }
}
