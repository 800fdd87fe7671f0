package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The claims of a StatefulSet's pods: made before the pod, kept when it goes, and owned by the set
 * or by the pod if {@code persistentVolumeClaimRetentionPolicy} wants them deleted with it.
 */
final class Claims {

    private final KubernetesClient client;
    private final Informer<PersistentVolumeClaim> known;
    private final EventRecorder events;

    Claims(KubernetesClient client, Informer<PersistentVolumeClaim> known, EventRecorder events) {
        this.client = client;
        this.known = known;
        this.events = events;
    }

    /**
     * Makes the claims of an ordinal that are not there.
     *
     * @throws IllegalStateException if one is being deleted; the pod would wait for it for ever
     */
    void make(StatefulSet set, int ordinal) {
        for (PersistentVolumeClaim claim : Identity.claims(set, ordinal)) {
            Optional<PersistentVolumeClaim> present = known.find(NamespacedName.of(claim));
            if (present.isPresent()) {
                if (present.get().getMetadata().getDeletionTimestamp() != null) {
                    throw new IllegalStateException(
                            "pvc " + claim.getMetadata().getName() + " is to be deleted");
                }
                continue;
            }
            create(set, ordinal, claim);
        }
    }

    private void create(StatefulSet set, int ordinal, PersistentVolumeClaim claim) {
        String what =
                "create Claim %s Pod %s in StatefulSet %s "
                        .formatted(
                                claim.getMetadata().getName(),
                                Identity.podName(set, ordinal),
                                set.getMetadata().getName());
        try {
            var _ = client.persistentVolumeClaims().resource(claim).create();
            events.normal(set, "SuccessfulCreate", what + "success");
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return;
            }
            events.warning(set, "FailedCreate", what + "failed error: " + PodControl.reason(e));
            throw e;
        }
    }

    /** Gives the claims of all pods the owners that the retention policy asks for. */
    void keepOwners(StatefulSet set, List<Pod> pods) {
        var policy = set.getSpec().getPersistentVolumeClaimRetentionPolicy();
        boolean withSet = policy != null && "Delete".equals(policy.getWhenDeleted());
        boolean withPod = policy != null && "Delete".equals(policy.getWhenScaled());
        int first = Identity.firstOrdinal(set);
        for (Pod pod : pods) {
            OptionalInt ordinal = Identity.ordinal(set, pod);
            if (ordinal.isEmpty()) {
                continue;
            }
            int number = ordinal.getAsInt();
            boolean condemned = number < first || number >= first + Identity.replicas(set);
            for (PersistentVolumeClaim claim : Identity.claims(set, number)) {
                known.find(NamespacedName.of(claim))
                        .ifPresent(present ->
                                keepOwners(
                                        present,
                                        set,
                                        withSet && !(condemned && withPod),
                                        pod,
                                        withPod && condemned));
            }
        }
    }

    private void keepOwners(
            PersistentVolumeClaim claim, StatefulSet set, boolean bySet, Pod pod, boolean byPod) {
        List<OwnerReference> wanted = new ArrayList<>(Owners.of(claim));
        set(wanted, set, bySet);
        // also one that an earlier pod of this name has left
        wanted.removeIf(owner ->
                owner.getKind().equals("Pod")
                        && owner.getName().equals(pod.getMetadata().getName())
                        && !owner.getUid().equals(pod.getMetadata().getUid()));
        set(wanted, pod, byPod);
        if (!wanted.equals(Owners.of(claim))) {
            var _ =
                    client.persistentVolumeClaims()
                            .resource(
                                    new PersistentVolumeClaimBuilder(claim)
                                            .editMetadata()
                                            .withOwnerReferences(wanted)
                                            .endMetadata()
                                            .build())
                            .update();
        }
    }

    private static void set(List<OwnerReference> owners, HasMetadata owner, boolean isOwner) {
        String uid = owner.getMetadata().getUid();
        boolean present = owners.stream().anyMatch(known -> known.getUid().equals(uid));
        if (isOwner && !present) {
            owners.add(
                    new OwnerReferenceBuilder()
                            .withApiVersion(owner.getApiVersion())
                            .withKind(owner.getKind())
                            .withName(owner.getMetadata().getName())
                            .withUid(uid)
                            .build());
        } else if (!isOwner) {
            owners.removeIf(known -> known.getUid().equals(uid));
        }
    }
}
