package dev.coracle.controllers.persistentvolume;

import dev.coracle.controllers.event.EventRecorder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes volumes for claims of classes with the provisioner {@code local.coracle.dev}: folders that
 * a node makes when it first mounts them.
 */
final class Provisioning {

    static final String DRIVER = "local.coracle.dev";
    private static final String NONE = "kubernetes.io/no-provisioner";

    private final KubernetesClient client;
    private final EventRecorder events;

    Provisioning(KubernetesClient client, EventRecorder events) {
        this.client = client;
        this.events = events;
    }

    /** Makes a volume that is reserved for the claim, or says why there is none. */
    void make(PersistentVolumeClaim claim, Optional<StorageClass> storage) {
        String wanted = Objects.requireNonNullElse(claim.getSpec().getStorageClassName(), "");
        if (wanted.isEmpty()) {
            events.normal(
                    claim,
                    "FailedBinding",
                    "no persistent volumes available for this claim and no storage class is set");
            return;
        }
        if (storage.isEmpty()) {
            events.warning(
                    claim,
                    "ProvisioningFailed",
                    "storageclass.storage.k8s.io \"" + wanted + "\" not found");
            return;
        }
        String provisioner = storage.get().getProvisioner();
        if (provisioner.equals(NONE)) {
            events.normal(
                    claim,
                    "FailedBinding",
                    "no persistent volumes available for this claim and no storage class is set");
        } else if (!provisioner.equals(DRIVER)) {
            events.normal(
                    claim,
                    "ExternalProvisioning",
                    "Waiting for a volume to be created either by the external provisioner '"
                            + provisioner
                            + "' or manually by the system administrator. If volume creation is"
                            + " delayed, please verify that the provisioner is running and"
                            + " correctly registered.");
        } else if (claim.getSpec().getSelector() != null) {
            events.warning(
                    claim,
                    "ProvisioningFailed",
                    "claim.Spec.Selector is not supported for dynamic provisioning");
        } else if ("Block".equals(claim.getSpec().getVolumeMode())) {
            events.warning(
                    claim,
                    "ProvisioningFailed",
                    "provisioner \"" + DRIVER + "\" makes no volumes of volumeMode Block");
        } else {
            create(claim, storage.get());
        }
    }

    private void create(PersistentVolumeClaim claim, StorageClass storage) {
        PersistentVolume volume = volume(claim, storage);
        try {
            var _ = client.resource(volume).create();
            events.normal(
                    claim,
                    "ProvisioningSucceeded",
                    "Successfully provisioned volume " + volume.getMetadata().getName());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    static PersistentVolume volume(PersistentVolumeClaim claim, StorageClass storage) {
        String name = "pvc-" + claim.getMetadata().getUid();
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations("pv.kubernetes.io/provisioned-by", DRIVER)
                .endMetadata()
                .withNewSpec()
                .withCapacity(Map.of("storage", VolumeMatch.requested(claim)))
                .withAccessModes(claim.getSpec().getAccessModes())
                .withVolumeMode("Filesystem")
                .withStorageClassName(storage.getMetadata().getName())
                .withPersistentVolumeReclaimPolicy(
                        Objects.requireNonNullElse(storage.getReclaimPolicy(), "Delete"))
                .withMountOptions(storage.getMountOptions())
                .withClaimRef(reference(claim))
                .withNewCsi()
                .withDriver(DRIVER)
                .withVolumeHandle(name)
                .endCsi()
                .endSpec()
                .build();
    }

    static ObjectReference reference(PersistentVolumeClaim claim) {
        return new ObjectReferenceBuilder()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .withUid(claim.getMetadata().getUid())
                .build();
    }
}
