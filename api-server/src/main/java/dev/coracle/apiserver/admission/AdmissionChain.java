package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.List;

/** The admission plugins, in the order in which they run. */
public final class AdmissionChain {

    private final List<AdmissionPlugin> plugins;

    public AdmissionChain(WatchCache cache) {
        plugins =
                List.of(
                        new NamespaceLifecycle(cache),
                        new LimitRanger(cache),
                        new ServiceAccountAdmission(cache),
                        new StorageAdmission(cache),
                        new PriorityAdmission(cache),
                        new DefaultTolerationSeconds(),
                        new DefaultIngressClass(cache));
    }

    /**
     * Lets every plugin see the object, which has its defaults; they may change it, or refuse it
     * with an ApiException.
     */
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        plugins.forEach(plugin -> plugin.admit(operation, resource, object));
    }

    /** What is being done with the object. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE
    }

    /** One plugin; does nothing for objects that are none of its business. */
    @FunctionalInterface
    interface AdmissionPlugin {
        void admit(Operation operation, ResourceDefinition resource, ApiObject object);
    }
}
