package dev.coracle.apiserver.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The resources that are served, in the order in which discovery lists them. Immutable. */
public final class ResourceRegistry {

    private final Map<String, ResourceStrategy> byPath = new LinkedHashMap<>();
    private final Map<String, ResourceStrategy> byStorageKey = new LinkedHashMap<>();

    public ResourceRegistry(List<ResourceStrategy> strategies) {
        for (ResourceStrategy strategy : strategies) {
            ResourceDefinition definition = strategy.definition();
            String path = definition.kind().apiVersion() + "/" + definition.plural();
            if (byPath.put(path, strategy) != null) {
                throw new IllegalArgumentException("resource '" + path + "' is there twice");
            }
            if (strategy.storage().definition().equals(definition)) {
                byStorageKey.put(definition.storageKey(), strategy);
            }
        }
    }

    public List<ResourceStrategy> all() {
        return List.copyOf(byPath.values());
    }

    /** By API version ({@code v1}, {@code apps/v1}) and plural name. */
    public Optional<ResourceStrategy> find(String apiVersion, String plural) {
        return Optional.ofNullable(byPath.get(apiVersion + "/" + plural));
    }

    /** By the key of the store. */
    public ResourceStrategy get(String storageKey) {
        ResourceStrategy strategy = byStorageKey.get(storageKey);
        if (strategy == null) {
            throw new IllegalArgumentException(
                    "the database holds objects of '" + storageKey + "', which is not served");
        }
        return strategy;
    }

    /** The versions of each group, in order: group -> its API versions. */
    public Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (ResourceStrategy strategy : byPath.values()) {
            ResourceDefinition definition = strategy.definition();
            List<String> versions =
                    groups.computeIfAbsent(definition.group(), _ -> new java.util.ArrayList<>());
            String version = definition.kind().version();
            if (!versions.contains(version)) {
                versions.add(version);
            }
        }
        return groups;
    }

    /** The resources of one API version. */
    public List<ResourceStrategy> in(String apiVersion) {
        return byPath.values().stream()
                .filter(strategy -> strategy.definition().kind().apiVersion().equals(apiVersion))
                .toList();
    }
}
