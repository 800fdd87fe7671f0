package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.GroupVersionKind;
import java.util.List;

/**
 * A resource's names and shape.
 *
 * @param schema the name of its definition in the schema catalog
 * @param categories for instance {@code all}, what {@code kubectl get all} asks for
 */
public record ResourceDefinition(
        GroupVersionKind kind,
        String plural,
        String singular,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        List<Subresource> subresources,
        String schema) {

    /** What may stand behind an object's name in a path. */
    public enum Subresource {
        STATUS("status"),
        SCALE("scale"),
        BINDING("binding"),
        FINALIZE("finalize");

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
    }

    public String group() {
        return kind.group();
    }

    /** The key of the resource in the store: {@code pods}, {@code deployments.apps}. */
    public String storageKey() {
        return kind.group().isEmpty() ? plural : plural + "." + kind.group();
    }

    public boolean has(Subresource subresource) {
        return subresources.contains(subresource);
    }

    /** Starts the definition of a namespaced resource without extras. */
    public static ResourceDefinition namespaced(
            String group, String version, String kind, String plural, String schema) {
        return of(group, version, kind, plural, true, schema);
    }

    /** Starts the definition of a cluster-scoped resource without extras. */
    public static ResourceDefinition clusterScoped(
            String group, String version, String kind, String plural, String schema) {
        return of(group, version, kind, plural, false, schema);
    }

    private static ResourceDefinition of(
            String group,
            String version,
            String kind,
            String plural,
            boolean namespaced,
            String schema) {
        return new ResourceDefinition(
                new GroupVersionKind(group, version, kind),
                plural,
                kind.toLowerCase(java.util.Locale.ROOT),
                namespaced,
                List.of(),
                List.of(),
                List.of(),
                schema);
    }

    public ResourceDefinition withShortNames(String... names) {
        return new ResourceDefinition(
                kind,
                plural,
                singular,
                namespaced,
                List.of(names),
                categories,
                subresources,
                schema);
    }

    public ResourceDefinition inCategory(String category) {
        return new ResourceDefinition(
                kind,
                plural,
                singular,
                namespaced,
                shortNames,
                List.of(category),
                subresources,
                schema);
    }

    public ResourceDefinition with(Subresource... present) {
        return new ResourceDefinition(
                kind,
                plural,
                singular,
                namespaced,
                shortNames,
                categories,
                List.of(present),
                schema);
    }
}
