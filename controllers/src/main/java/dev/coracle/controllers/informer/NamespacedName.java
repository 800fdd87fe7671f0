package dev.coracle.controllers.informer;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** The name of an object within its kind; {@code namespace} is empty for cluster-wide kinds. */
public record NamespacedName(String namespace, String name) {

    public NamespacedName {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name must not be empty");
        }
    }

    public static NamespacedName of(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return new NamespacedName(
                namespace == null ? "" : namespace, object.getMetadata().getName());
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
