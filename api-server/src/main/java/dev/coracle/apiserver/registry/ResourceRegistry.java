package dev.coracle.apiserver.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The resources that are served: the built-in ones in the order in which discovery lists them, then
 * the custom ones, which change at run time. Thread-safe; who asks more than once and wants one
 * answer takes a {@link #served} set.
 */
public final class ResourceRegistry {

    private final List<ResourceStrategy> builtIn;
    private final Sinks.Many<Served> changes = Sinks.many().replay().latest();
    private volatile Served served;

    public ResourceRegistry(List<ResourceStrategy> strategies) {
        builtIn = List.copyOf(strategies);
        served = new Served(builtIn, List.of());
    }

    /** What is served at this moment. */
    public Served served() {
        return served;
    }

    /** Serves these custom resources in the place of those so far. A built-in one comes first. */
    public synchronized void replaceCustom(List<ResourceStrategy> strategies) {
        Served next = new Served(builtIn, strategies);
        served = next;
        changes.emitNext(next, Sinks.EmitFailureHandler.FAIL_FAST);
    }

    public List<ResourceStrategy> all() {
        return served.all();
    }

    /** By API version ({@code v1}, {@code apps/v1}) and plural name. */
    public Optional<ResourceStrategy> find(String apiVersion, String plural) {
        return served.find(apiVersion, plural);
    }

    /** By the key of the store. */
    public Optional<ResourceStrategy> findStored(String storageKey) {
        return Optional.ofNullable(served.byStorageKey.get(storageKey));
    }

    /** Whether a resource, named by the key of the store, is there whatever CRDs say. */
    public boolean isBuiltIn(String storageKey) {
        return builtIn.stream()
                .anyMatch(strategy -> strategy.definition().storageKey().equals(storageKey));
    }

    /**
     * Completes when this very strategy is no longer served: its definition was changed or deleted.
     * Never for a built-in resource.
     */
    public Mono<Void> untilReplaced(ResourceStrategy strategy) {
        if (builtIn.contains(strategy)) {
            return Mono.never();
        }
        return changes.asFlux().filter(now -> !now.contains(strategy)).next().then();
    }

    /** The versions of each group, in order: group -> its API versions. */
    public Map<String, List<String>> groups() {
        return served.groups();
    }

    /** The resources of one API version. */
    public List<ResourceStrategy> in(String apiVersion) {
        return served.in(apiVersion);
    }

    /** The resources served at one moment. Immutable. */
    public static final class Served {

        private final Map<String, ResourceStrategy> byPath = new LinkedHashMap<>();
        private final Map<String, ResourceStrategy> byStorageKey = new LinkedHashMap<>();
        private final Map<String, List<String>> groups = new LinkedHashMap<>();

        private Served(List<ResourceStrategy> builtIn, List<ResourceStrategy> custom) {
            for (ResourceStrategy strategy : builtIn) {
                if (!add(strategy)) {
                    throw new IllegalArgumentException(
                            "resource '" + path(strategy.definition()) + "' is there twice");
                }
            }
            custom.forEach(this::add);
            // a group whose versions come from CRDs lists them by their age
            custom.stream()
                    .map(strategy -> strategy.definition().group())
                    .distinct()
                    .forEach(group ->
                            groups.getOrDefault(group, new ArrayList<>())
                                    .sort(VersionOrder.STABLE_FIRST));
            groups.replaceAll((_, versions) -> List.copyOf(versions));
        }

        private boolean add(ResourceStrategy strategy) {
            ResourceDefinition definition = strategy.definition();
            if (byPath.putIfAbsent(path(definition), strategy) != null) {
                return false;
            }
            if (strategy.storage().definition().equals(definition)) {
                byStorageKey.putIfAbsent(definition.storageKey(), strategy);
            }
            List<String> versions =
                    groups.computeIfAbsent(definition.group(), _ -> new ArrayList<>());
            if (!versions.contains(definition.kind().version())) {
                versions.add(definition.kind().version());
            }
            return true;
        }

        private static String path(ResourceDefinition definition) {
            return definition.kind().apiVersion() + "/" + definition.plural();
        }

        private boolean contains(ResourceStrategy strategy) {
            return strategy.equals(byPath.get(path(strategy.definition())));
        }

        public List<ResourceStrategy> all() {
            return List.copyOf(byPath.values());
        }

        public Optional<ResourceStrategy> find(String apiVersion, String plural) {
            return Optional.ofNullable(byPath.get(apiVersion + "/" + plural));
        }

        public Map<String, List<String>> groups() {
            return groups;
        }

        public List<ResourceStrategy> in(String apiVersion) {
            return byPath.values().stream()
                    .filter(strategy ->
                            strategy.definition().kind().apiVersion().equals(apiVersion))
                    .toList();
        }
    }
}
