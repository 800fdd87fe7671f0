package dev.coracle.controllers.ownership;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * Asks the server, not an informer, whether an owner may still adopt: one that is being deleted
 * would take back what was just orphaned, and it would be deleted as garbage.
 */
public final class Adoption {

    private final KubernetesClient client;

    public Adoption(KubernetesClient client) {
        this.client = client;
    }

    /** Whether {@code owner} is there, the same one, and is not being deleted. */
    public boolean isOpenTo(HasMetadata owner) {
        var now =
                client.genericKubernetesResources(owner.getApiVersion(), owner.getKind())
                        .inNamespace(owner.getMetadata().getNamespace())
                        .withName(owner.getMetadata().getName())
                        .get();
        return now != null
                && now.getMetadata().getUid().equals(owner.getMetadata().getUid())
                && now.getMetadata().getDeletionTimestamp() == null;
    }
}
