package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Set;

/**
 * Objects are made only in namespaces that exist and stay; the system's namespaces are not deleted.
 */
final class NamespaceLifecycle implements AdmissionPlugin {

    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private final WatchCache cache;

    NamespaceLifecycle(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        boolean isNamespace = resource.storageKey().equals("namespaces");
        if (isNamespace && operation == Operation.DELETE && IMMORTAL.contains(object.name())) {
            throw ApiException.forbidden(
                    "", "namespaces", object.name(), "this namespace may not be deleted");
        }
        if (!resource.namespaced() || operation != Operation.CREATE) {
            return;
        }
        String namespace = object.namespace();
        CachedObject found =
                cache.find("namespaces", new NamespacedName("", namespace))
                        .orElseThrow(() -> ApiException.notFound("", "namespaces", namespace));
        if (found.fields().getOrDefault("status.phase", "").equals("Terminating")) {
            throw ApiException.namespaceTerminating(
                    resource.group(), resource.plural(), object.name(), namespace);
        }
    }
}
