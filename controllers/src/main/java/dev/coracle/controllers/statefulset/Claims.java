package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.pod.PodControl;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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
                warnOfAnother(present.get(), set, ordinal);
                continue;
            }
            create(set, ordinal, claim);
        }
    }

    private void warnOfAnother(PersistentVolumeClaim claim, StatefulSet set, int ordinal) {
        var policy = set.getSpec().getPersistentVolumeClaimRetentionPolicy();
        boolean deletes =
                policy != null
                        && ("Delete".equals(policy.getWhenDeleted())
                                || "Delete".equals(policy.getWhenScaled()));
        if (deletes && isControlledByAnother(claim, set, Identity.podName(set, ordinal))) {
            events.warning(
                    set,
                    "ConflictingController",
                    ("PersistentVolumeClaim %s has a conflicting OwnerReference that acts as a"
                                    + " manging controller, the retention policy is ignored for"
                                    + " this claim")
                            .formatted(claim.getMetadata().getName()));
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
        boolean isOthers = isControlledByAnother(claim, set, pod.getMetadata().getName());
        Set<OwnerReference> wanted = new LinkedHashSet<>(Owners.of(claim));
        // also one that an earlier set or pod of this name has left
        wanted.removeIf(owner ->
                isNamed(owner, "StatefulSet", set.getMetadata().getName())
                        || isNamed(owner, "Pod", pod.getMetadata().getName()));
        if (bySet && !isOthers) {
            wanted.add(Owners.controllerReference(set));
        }
        if (byPod && !isOthers) {
            wanted.add(Owners.controllerReference(pod));
        }
        if (!wanted.equals(Set.copyOf(Owners.of(claim)))) {
            var _ =
                    client.persistentVolumeClaims()
                            .resource(
                                    new PersistentVolumeClaimBuilder(claim)
                                            .editMetadata()
                                            .withOwnerReferences(List.copyOf(wanted))
                                            .endMetadata()
                                            .build())
                            .update();
        }
    }

    private static boolean isControlledByAnother(
            PersistentVolumeClaim claim, StatefulSet set, String pod) {
        return Owners.findController(claim)
                .filter(owner -> !isNamed(owner, "StatefulSet", set.getMetadata().getName()))
                .filter(owner -> !isNamed(owner, "Pod", pod))
                .isPresent();
    }

    private static boolean isNamed(OwnerReference owner, String kind, String name) {
        return owner.getKind().equals(kind) && owner.getName().equals(name);
    }
}
