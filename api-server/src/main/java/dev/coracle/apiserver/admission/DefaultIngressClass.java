package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.networking.IngressClassStrategy;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Comparator;

/**
 * An Ingress that names no class gets the default one: of several the newest, then the one first by
 * name.
 */
final class DefaultIngressClass implements AdmissionPlugin {

    private final WatchCache cache;

    DefaultIngressClass(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        if (operation != Operation.CREATE
                || !resource.storageKey().equals("ingresses.networking.k8s.io")
                || object.at("spec").has("ingressClassName")
                || object.annotations().containsKey("kubernetes.io/ingress.class")) {
            return;
        }
        cache.snapshot("ingressclasses.networking.k8s.io").objects().values().stream()
                .map(cached -> cached.toObject())
                .filter(candidate ->
                        "true"
                                .equals(
                                        candidate
                                                .annotations()
                                                .get(IngressClassStrategy.DEFAULT_CLASS)))
                .min(
                        Comparator.<ApiObject, String>comparing(
                                        candidate -> candidate.text("metadata.creationTimestamp"),
                                        Comparator.reverseOrder())
                                .thenComparing(ApiObject::name))
                .ifPresent(found -> object.spec().put("ingressClassName", found.name()));
    }
}
