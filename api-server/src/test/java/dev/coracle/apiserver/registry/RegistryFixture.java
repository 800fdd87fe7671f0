package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.DeleteOptions.Propagation;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.RevisionLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A registry of one resource on a store in memory, at a fixed time. */
final class RegistryFixture implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static final YAMLMapper YAML = new YAMLMapper();

    final ResourceStrategy strategy;
    final WatchCache cache;
    final Registry registry;
    final Deletions deletions;
    private final Store store;

    RegistryFixture(ResourceStrategy strategy) {
        this(strategy, new MemoryLog());
    }

    /** One of several servers on a log; it learns what the others wrote when it writes. */
    RegistryFixture(ResourceStrategy strategy, RevisionLog log) {
        this.strategy = strategy;
        store = new LogStore(log);
        cache = new WatchCache((_, object) -> strategy.allFields(object));
        store.start(new StoredAllocations(cache, new ResourceRegistry(List.of(strategy))));
        registry = new Registry(store, cache, SchemaCatalog.load(), InstantSource.fixed(NOW));
        deletions = new Deletions(registry);
    }

    /**
     * An object of the resource; namespaced ones are in {@code default} unless they say otherwise.
     */
    ApiObject object(String yaml) {
        ObjectNode tree = Json.newObject();
        tree.put("kind", strategy.definition().kind().kind());
        tree.put("apiVersion", strategy.definition().kind().apiVersion());
        tree.setAll((ObjectNode) Json.MAPPER.readTree(YAML.readTree(yaml).toString()));
        ApiObject object = new ApiObject(tree);
        if (strategy.definition().namespaced() && object.namespace().isEmpty()) {
            object.metadata().put("namespace", "default");
        }
        return object;
    }

    ApiObject create(String yaml) {
        ApiObject object = object(yaml);
        strategy.applyDefaults(object);
        return registry.create(strategy, object, WriteOptions.INTERNAL)
                .blockOptional()
                .orElseThrow()
                .toObject();
    }

    ApiObject update(ApiObject of, UnaryOperator<ApiObject> change) {
        return update(of.key(), Registry.Scope.OBJECT, change);
    }

    ApiObject update(NamespacedName key, Registry.Scope scope, UnaryOperator<ApiObject> change) {
        return registry.update(
                        strategy,
                        key,
                        scope,
                        WriteOptions.INTERNAL,
                        current -> {
                            ApiObject updated = change.apply(current);
                            strategy.applyDefaults(updated);
                            return updated;
                        })
                .blockOptional()
                .orElseThrow()
                .toObject();
    }

    Deletions.Deleted delete(ApiObject object, Propagation propagation) {
        return deletions
                .delete(strategy, object.key(), new DeleteOptions(null, propagation, "", "", false))
                .blockOptional()
                .orElseThrow();
    }

    @Override
    public void close() {
        store.close();
    }
}
