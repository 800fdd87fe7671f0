package dev.coracle.nodeagent.volume;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes released volumes of the local driver whose reclaim policy is Delete, with what they hold.
 * What fails is tried again at the volume's next change or the agent's next start.
 */
public final class VolumeReclaimer implements ResourceEventHandler<PersistentVolume> {

    private static final Logger log = LoggerFactory.getLogger(VolumeReclaimer.class);

    private final KubernetesClient client;
    private final ProvisionedVolumes volumes;

    public VolumeReclaimer(KubernetesClient client, ProvisionedVolumes volumes) {
        this.client = client;
        this.volumes = volumes;
    }

    @Override
    public void onAdd(PersistentVolume volume) {
        boolean released =
                ProvisionedVolumes.isOurs(volume)
                        && volume.getMetadata().getDeletionTimestamp() == null
                        && volume.getStatus() != null
                        && "Released".equals(volume.getStatus().getPhase())
                        && "Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy());
        if (released) {
            Thread _ = Thread.ofVirtual().name("reclaim").start(() -> reclaim(volume));
        }
    }

    @Override
    public void onUpdate(PersistentVolume before, PersistentVolume volume) {
        onAdd(volume);
    }

    @Override
    public void onDelete(PersistentVolume volume, boolean deletedFinalStateUnknown) {
        // its folder is gone already, or was to stay
    }

    private void reclaim(PersistentVolume volume) {
        try {
            volumes.delete(volume);
            var _ = client.resource(volume).delete();
        } catch (IOException | KubernetesClientException e) {
            log.warn(
                    "volume '{}' is not reclaimed: {}",
                    volume.getMetadata().getName(),
                    e.getMessage());
        }
    }
}
