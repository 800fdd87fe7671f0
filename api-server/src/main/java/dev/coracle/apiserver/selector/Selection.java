package dev.coracle.apiserver.selector;

import dev.coracle.apiserver.object.NamespacedName;
import java.util.Map;

/**
 * Which objects of a resource a list or watch is about.
 *
 * @param namespace empty for all namespaces, and for cluster-scoped resources
 */
public record Selection(String namespace, LabelSelector labels, FieldSelector fields) {

    public boolean matches(
            NamespacedName key,
            Map<String, String> objectLabels,
            Map<String, String> objectFields) {
        return hasNamespaceOf(key) && labels.matches(objectLabels) && fields.matches(objectFields);
    }

    public boolean hasNamespaceOf(NamespacedName key) {
        return namespace.isEmpty() || namespace.equals(key.namespace());
    }

    /** Whether nothing but the namespace narrows it. */
    public boolean isWholeNamespace() {
        return labels.isEverything() && fields.isEverything();
    }
}
