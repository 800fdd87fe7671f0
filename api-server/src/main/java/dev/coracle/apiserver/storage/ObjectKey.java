package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.object.NamespacedName;

/**
 * A key in the store: the resource with its group, for instance {@code deployments.apps}, and the
 * object's name in it.
 */
public record ObjectKey(String resource, NamespacedName name) {

    public ObjectKey {
        if (resource.isEmpty()) {
            throw new IllegalArgumentException("resource is empty for '" + name + "'");
        }
    }
}
