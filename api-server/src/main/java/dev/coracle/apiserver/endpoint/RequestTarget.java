package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a path below {@code /api/v1} or {@code /apis/<group>/<version>} is about.
 *
 * @param namespace empty for cluster-scoped resources and for all namespaces
 * @param name empty for the collection
 */
record RequestTarget(
        ResourceStrategy strategy,
        String namespace,
        String name,
        @Nullable Subresource subresource) {

    /** Subresources of Kubernetes that are refused by name. */
    private static final Set<String> NOT_SERVED = Set.of("resize");

    NamespacedName key() {
        return new NamespacedName(namespace, name);
    }

    /** The same target, for an object of another name. */
    RequestTarget named(String otherName) {
        return new RequestTarget(strategy, namespace, otherName, subresource);
    }

    /**
     * Reads the path.
     *
     * @throws ApiException 404 for a path that is none of ours, 501 for what is refused by name
     */
    static RequestTarget parse(String path, ResourceRegistry resources) {
        List<String> parts = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
        if (parts.getLast().isEmpty()) {
            parts.removeLast();
        }
        if (parts.contains("")) {
            throw ApiException.pathNotFound();
        }
        String apiVersion;
        if (parts.removeFirst().equals("api")) {
            apiVersion = take(parts);
        } else {
            apiVersion = take(parts) + "/" + take(parts);
        }
        String namespace = "";
        // /namespaces/<ns> and its own subresources are the Namespace itself
        if (parts.size() > 2
                && parts.getFirst().equals("namespaces")
                && !isNamespaceSubresource(parts)) {
            parts.removeFirst();
            namespace = parts.removeFirst();
        }
        String plural = take(parts);
        ResourceStrategy strategy =
                resources.find(apiVersion, plural).orElseThrow(ApiException::pathNotFound);
        boolean namespaced = strategy.definition().namespaced();
        String name = parts.isEmpty() ? "" : parts.removeFirst();
        if ((!namespaced && !namespace.isEmpty())
                || (namespaced && namespace.isEmpty() && !name.isEmpty())) {
            throw ApiException.pathNotFound();
        }
        Subresource subresource = parts.isEmpty() ? null : subresource(strategy, parts);
        return new RequestTarget(strategy, namespace, name, subresource);
    }

    private static boolean isNamespaceSubresource(List<String> parts) {
        return parts.size() == 3 && Set.of("status", "finalize").contains(parts.get(2));
    }

    private static Subresource subresource(ResourceStrategy strategy, List<String> parts) {
        for (Subresource subresource : strategy.definition().subresources()) {
            if (parts.size() == 1 && subresource.path().equals(parts.getFirst())) {
                return subresource;
            }
        }
        if (NOT_SERVED.contains(parts.getFirst())) {
            throw ApiException.notServed(strategy.definition().plural() + "/" + parts.getFirst());
        }
        throw ApiException.pathNotFound();
    }

    private static String take(List<String> parts) {
        if (parts.isEmpty()) {
            throw ApiException.pathNotFound();
        }
        return parts.removeFirst();
    }
}
