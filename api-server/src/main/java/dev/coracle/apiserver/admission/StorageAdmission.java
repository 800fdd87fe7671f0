package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Comparator;
import tools.jackson.databind.node.ArrayNode;

/**
 * Claims that name no class get the default one, of several the newest; claims and volumes get the
 * finalizers that keep them while they are in use.
 */
final class StorageAdmission implements AdmissionPlugin {

    private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private final WatchCache cache;

    StorageAdmission(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        if (operation != Operation.CREATE) {
            return;
        }
        switch (resource.storageKey()) {
            case "persistentvolumeclaims" -> {
                finalizer(object, "kubernetes.io/pvc-protection");
                setClass(object);
            }
            case "persistentvolumes" -> finalizer(object, "kubernetes.io/pv-protection");
            default -> {
                // none of its business
            }
        }
    }

    private void setClass(ApiObject claim) {
        if (claim.at("spec").has("storageClassName")
                || claim.annotations().containsKey("volume.beta.kubernetes.io/storage-class")) {
            return;
        }
        cache.snapshot("storageclasses.storage.k8s.io").objects().values().stream()
                .map(CachedObject::toObject)
                .filter(each -> "true".equals(each.annotations().get(DEFAULT_CLASS)))
                .min(
                        Comparator.<ApiObject, String>comparing(
                                        each -> each.text("metadata.creationTimestamp"),
                                        Comparator.reverseOrder())
                                .thenComparing(ApiObject::name))
                .ifPresent(found -> claim.spec().put("storageClassName", found.name()));
    }

    private static void finalizer(ApiObject object, String name) {
        if (!object.finalizers().contains(name)) {
            ArrayNode finalizers = object.metadata().withArray("finalizers");
            finalizers.add(name);
        }
    }
}
