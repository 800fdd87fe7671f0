package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.GroupVersionKind;
import java.util.List;
import java.util.Locale;

/**
 * A resource's names and shape, in one API version.
 *
 * @param schema the name of its definition in the schema catalog
 * @param categories for instance {@code all}, what {@code kubectl get all} asks for
 * @param verbs of the resource itself, sorted
 * @param storageKey the key of the resource in the store: {@code pods}, {@code deployments.apps};
 *     API versions of one resource share it
 */
public record ResourceDefinition(
        GroupVersionKind kind,
        String plural,
        String singular,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        List<Subresource> subresources,
        String schema,
        List<String> verbs,
        String storageKey) {

    /** What may be done with most resources. */
    public static final List<String> ALL_VERBS =
            List.of(
                    "create",
                    "delete",
                    "deletecollection",
                    "get",
                    "list",
                    "patch",
                    "update",
                    "watch");

    /** What may stand behind an object's name in a path. */
    public enum Subresource {
        STATUS("status"),
        SCALE("scale"),
        BINDING("binding"),
        EVICTION("eviction"),
        TOKEN("token"),
        FINALIZE("finalize"),
        APPROVAL("approval"),
        EPHEMERAL_CONTAINERS("ephemeralcontainers"),
        /** Answered by the {@code proxy} package; here for those who ask what there is. */
        PROXY("proxy"),
        /** Answered by the {@code kubelet} package, as the following. */
        LOG("log"),
        EXEC("exec"),
        ATTACH("attach"),
        PORT_FORWARD("portforward");

        private final String path;

        Subresource(String path) {
            this.path = path;
        }

        public String path() {
            return path;
        }
    }

    public ResourceDefinition {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        subresources = List.copyOf(subresources);
        verbs = List.copyOf(verbs);
    }

    public String group() {
        return kind.group();
    }

    public boolean has(Subresource subresource) {
        return subresources.contains(subresource);
    }

    /** Starts the definition of a namespaced resource without extras. */
    public static ResourceDefinition namespaced(
            String group, String version, String kind, String plural, String schema) {
        return of(new GroupVersionKind(group, version, kind), plural, true, schema);
    }

    /** Starts the definition of a cluster-scoped resource without extras. */
    public static ResourceDefinition clusterScoped(
            String group, String version, String kind, String plural, String schema) {
        return of(new GroupVersionKind(group, version, kind), plural, false, schema);
    }

    private static ResourceDefinition of(
            GroupVersionKind kind, String plural, boolean namespaced, String schema) {
        return new ResourceDefinition(
                kind,
                plural,
                kind.kind().toLowerCase(Locale.ROOT),
                namespaced,
                List.of(),
                List.of(),
                List.of(),
                schema,
                ALL_VERBS,
                kind.group().isEmpty() ? plural : plural + "." + kind.group());
    }

    public ResourceDefinition withShortNames(String... names) {
        return copy(List.of(names), categories, subresources, verbs, storageKey);
    }

    public ResourceDefinition inCategory(String category) {
        return copy(shortNames, List.of(category), subresources, verbs, storageKey);
    }

    public ResourceDefinition with(Subresource... present) {
        return copy(shortNames, categories, List.of(present), verbs, storageKey);
    }

    /** The same resource, with fewer verbs than most. */
    public ResourceDefinition onlyWith(String... allowed) {
        return copy(shortNames, categories, subresources, List.of(allowed), storageKey);
    }

    /** The same resource, stored under the key of another API version. */
    public ResourceDefinition storedAs(String key) {
        return copy(shortNames, categories, subresources, verbs, key);
    }

    private ResourceDefinition copy(
            List<String> names,
            List<String> groups,
            List<Subresource> behind,
            List<String> allowed,
            String key) {
        return new ResourceDefinition(
                kind, plural, singular, namespaced, names, groups, behind, schema, allowed, key);
    }
}
