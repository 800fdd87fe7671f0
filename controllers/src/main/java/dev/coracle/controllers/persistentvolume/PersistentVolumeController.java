package dev.coracle.controllers.persistentvolume;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Binds claims and volumes, and provisions volumes. One worker. */
public final class PersistentVolumeController {

    private static final String CLAIM_FINALIZER = "kubernetes.io/pvc-protection";
    private static final String VOLUME_FINALIZER = "kubernetes.io/pv-protection";
    private static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
    private static final String BOUND_BY_US = "pv.kubernetes.io/bound-by-controller";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final Provisioning provisioning;
    private final ControlLoop<NamespacedName> loop;

    public PersistentVolumeController(
            KubernetesClient client, ClusterInformers informers, EventRecorder events) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.provisioning = new Provisioning(client, events);
        // a key without a namespace is a volume's
        this.loop = new ControlLoop<>("persistentvolume", 1, this::reconcile);
        informers.persistentVolumeClaims.onAnyChange(this::claimChanged);
        informers.persistentVolumes.onAnyChange(this::volumeChanged);
        informers.storageClasses.onAnyChange(_ -> pendingClaims());
        informers.pods.onAnyChange(this::podChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void claimChanged(PersistentVolumeClaim claim) {
        loop.enqueue(NamespacedName.of(claim));
        String volume = volumeName(claim);
        if (!volume.isEmpty()) {
            loop.enqueue(new NamespacedName("", volume));
        }
    }

    private void volumeChanged(PersistentVolume volume) {
        loop.enqueue(NamespacedName.of(volume));
        ObjectReference claim = volume.getSpec().getClaimRef();
        if (claim != null) {
            loop.enqueue(new NamespacedName(claim.getNamespace(), claim.getName()));
        } else {
            pendingClaims();
        }
    }

    private void podChanged(Pod pod) {
        for (var name : PodClaims.names(pod)) {
            loop.enqueue(new NamespacedName(pod.getMetadata().getNamespace(), name));
        }
    }

    private void pendingClaims() {
        for (PersistentVolumeClaim claim : informers.persistentVolumeClaims.list()) {
            if (!phase(claim).equals("Bound")) {
                loop.enqueue(NamespacedName.of(claim));
            }
        }
    }

    private void reconcile(NamespacedName key) {
        if (key.namespace().isEmpty()) {
            informers.persistentVolumes.find(key).ifPresent(this::reconcileVolume);
            return;
        }
        Optional<PersistentVolumeClaim> claim = informers.persistentVolumeClaims.find(key);
        if (claim.isPresent()) {
            reconcileClaim(claim.get());
        } else {
            makeEphemeral(key);
        }
    }

    // -- claims

    private void reconcileClaim(PersistentVolumeClaim claim) {
        if (claim.getMetadata().getDeletionTimestamp() != null) {
            if (claim.getMetadata().getFinalizers().contains(CLAIM_FINALIZER)
                    && users(claim).isEmpty()) {
                PersistentVolumeClaim free =
                        new PersistentVolumeClaimBuilder(claim)
                                .editMetadata()
                                .removeFromFinalizers(CLAIM_FINALIZER)
                                .endMetadata()
                                .build();
                var _ = client.resource(free).update();
            }
            return;
        }
        if (volumeName(claim).isEmpty()) {
            findVolume(claim);
            return;
        }
        Optional<PersistentVolume> volume =
                informers.persistentVolumes.find(new NamespacedName("", volumeName(claim)));
        if (volume.isEmpty()) {
            if (phase(claim).equals("Bound")) {
                lose(claim);
            }
        } else if (VolumeMatch.isReservedFor(volume.get(), claim)) {
            bind(claim, volume.get());
        } else if (volume.get().getSpec().getClaimRef() == null) {
            Optional<String> objection = VolumeMatch.objection(volume.get(), claim);
            if (objection.isEmpty()) {
                bind(claim, volume.get());
            } else {
                events.warning(
                        claim,
                        "VolumeMismatch",
                        "Cannot bind to requested volume \"%s\": %s"
                                .formatted(volumeName(claim), objection.get()));
            }
        }
    }

    private void findVolume(PersistentVolumeClaim claim) {
        Optional<StorageClass> storage =
                informers.storageClasses.find(
                        new NamespacedName(
                                "",
                                Objects.requireNonNullElse(
                                        claim.getSpec().getStorageClassName(), "")));
        boolean waits =
                storage.map(StorageClass::getVolumeBindingMode)
                        .filter("WaitForFirstConsumer"::equals)
                        .isPresent();
        if (waits && users(claim).isEmpty()) {
            events.normal(
                    claim,
                    "WaitForFirstConsumer",
                    "waiting for first consumer to be created before binding");
            return;
        }
        Optional<PersistentVolume> volume =
                VolumeMatch.find(claim, informers.persistentVolumes.list());
        if (volume.isPresent()) {
            bind(claim, volume.get());
            return;
        }
        provisioning.make(claim, storage);
    }

    private void bind(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolume current = volume;
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (reference == null || !claim.getMetadata().getUid().equals(reference.getUid())) {
            current =
                    client.resource(
                                    new PersistentVolumeBuilder(volume)
                                            .editMetadata()
                                            .addToAnnotations(BOUND_BY_US, "yes")
                                            .endMetadata()
                                            .editSpec()
                                            .withClaimRef(Provisioning.reference(claim))
                                            .endSpec()
                                            .build())
                            .update();
        }
        setPhase(current, "Bound");
        PersistentVolumeClaim bound = claim;
        String name = volume.getMetadata().getName();
        boolean complete =
                claim.getMetadata().getAnnotations() != null
                        && claim.getMetadata().getAnnotations().containsKey(BIND_COMPLETED);
        if (!name.equals(volumeName(claim)) || !complete) {
            PersistentVolumeClaimBuilder next =
                    new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .addToAnnotations(BIND_COMPLETED, "yes")
                            .endMetadata()
                            .editSpec()
                            .withVolumeName(name)
                            .endSpec();
            if (volumeName(claim).isEmpty()) {
                next.editMetadata().addToAnnotations(BOUND_BY_US, "yes").endMetadata();
            }
            bound = client.resource(next.build()).update();
        }
        if (!phase(bound).equals("Bound")) {
            PersistentVolumeClaim status =
                    new PersistentVolumeClaimBuilder(bound)
                            .editOrNewStatus()
                            .withPhase("Bound")
                            .withAccessModes(volume.getSpec().getAccessModes())
                            .withCapacity(volume.getSpec().getCapacity())
                            .endStatus()
                            .build();
            var _ = client.resource(status).updateStatus();
        }
    }

    private void lose(PersistentVolumeClaim claim) {
        var _ =
                client.resource(
                                new PersistentVolumeClaimBuilder(claim)
                                        .editStatus()
                                        .withPhase("Lost")
                                        .endStatus()
                                        .build())
                        .updateStatus();
        events.warning(
                claim,
                "ClaimLost",
                "Bound claim has lost its PersistentVolume. Any data on the volume is lost!");
    }

    private void makeEphemeral(NamespacedName key) {
        informers.pods.listIn(key.namespace()).stream()
                .filter(Pods::isActive)
                .flatMap(pod -> PodClaims.ephemeral(pod, key.name()).stream())
                .findFirst()
                .ifPresent(claim -> {
                    var _ = client.resource(claim).create();
                });
    }

    private List<Pod> users(PersistentVolumeClaim claim) {
        return informers.pods.listIn(claim.getMetadata().getNamespace()).stream()
                .filter(pod -> !Pods.isFinished(pod))
                .filter(pod -> PodClaims.names(pod).contains(claim.getMetadata().getName()))
                .toList();
    }

    // -- volumes

    private void reconcileVolume(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (volume.getMetadata().getDeletionTimestamp() != null) {
            boolean inUse = reference != null && claimOf(reference).isPresent();
            if (!inUse && volume.getMetadata().getFinalizers().contains(VOLUME_FINALIZER)) {
                PersistentVolume free =
                        new PersistentVolumeBuilder(volume)
                                .editMetadata()
                                .removeFromFinalizers(VOLUME_FINALIZER)
                                .endMetadata()
                                .build();
                var _ = client.resource(free).update();
            }
            return;
        }
        if (reference == null || reference.getUid() == null || reference.getUid().isEmpty()) {
            setPhase(volume, "Available");
            return;
        }
        if (claimOf(reference).isEmpty()) {
            setPhase(volume, "Released");
        }
    }

    /** The claim itself: the informers may not know a new one yet. */
    private Optional<PersistentVolumeClaim> claimOf(ObjectReference reference) {
        return Optional.ofNullable(
                        client.persistentVolumeClaims()
                                .inNamespace(reference.getNamespace())
                                .withName(reference.getName())
                                .get())
                .filter(claim -> claim.getMetadata().getUid().equals(reference.getUid()));
    }

    private void setPhase(PersistentVolume volume, String phase) {
        String now = volume.getStatus() == null ? "" : volume.getStatus().getPhase();
        if (!phase.equals(now)) {
            var _ =
                    client.resource(
                                    new PersistentVolumeBuilder(volume)
                                            .editOrNewStatus()
                                            .withPhase(phase)
                                            .endStatus()
                                            .build())
                            .updateStatus();
        }
    }

    private static String volumeName(PersistentVolumeClaim claim) {
        return Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
    }

    private static String phase(PersistentVolumeClaim claim) {
        return claim.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(claim.getStatus().getPhase(), "");
    }
}
