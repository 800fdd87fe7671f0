package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.managedfields.FieldOwnership;
import dev.coracle.apiserver.managedfields.Writer;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Field ownership in the terms of the registry: which schema, and what a writer cannot set. */
final class FieldOwners {

    private final SchemaCatalog catalog;
    private final FieldOwnership ownership;

    FieldOwners(SchemaCatalog catalog) {
        this.catalog = catalog;
        this.ownership = new FieldOwnership(catalog);
    }

    /** {@code live} is null for a create. Both are in the stored version. */
    void update(
            ResourceStrategy strategy,
            @Nullable ApiObject live,
            ApiObject updated,
            WriteOptions options,
            String now) {
        ResourceStrategy stored = strategy.storage();
        ownership.update(live, updated, kind(stored, options), writer(stored, options), now);
    }

    /** {@code live}, null when there is none, and {@code applied} are in the served version. */
    ApiObject apply(
            ResourceStrategy strategy,
            @Nullable ApiObject live,
            ApiObject applied,
            WriteOptions options,
            boolean force,
            String now) {
        return ownership.apply(
                live, applied, kind(strategy, options), writer(strategy, options), force, now);
    }

    /** Whether nothing differs but the times of owners; a write of it would change nothing. */
    boolean isSame(ApiObject updated, ApiObject old) {
        return Json.same(updated.tree(), old.tree())
                || (Json.same(
                                FieldOwnership.withoutOwners(updated.tree()),
                                FieldOwnership.withoutOwners(old.tree()))
                        && Json.same(withoutTimes(updated), withoutTimes(old)));
    }

    /** The managedFields alone. */
    private static JsonNode withoutTimes(ApiObject object) {
        JsonNode copy = object.at("metadata.managedFields").deepCopy();
        Json.objects(copy).forEach(entry -> entry.remove("time"));
        return copy;
    }

    private static Writer writer(ResourceStrategy strategy, WriteOptions options) {
        return new Writer(
                options.fieldManager(),
                strategy.definition().kind().apiVersion(),
                options.subresource());
    }

    private FieldOwnership.Kind kind(ResourceStrategy strategy, WriteOptions options) {
        ResourceDefinition definition = strategy.definition();
        Schema.Struct schema = catalog.struct(definition.schema());
        List<String> ignored = List.of();
        if (options.subresource().equals(Subresource.STATUS.path())) {
            ignored =
                    schema.properties().keySet().stream()
                            .filter(name -> !name.equals("status"))
                            .filter(name -> !name.equals("metadata"))
                            .filter(name -> !name.equals("apiVersion") && !name.equals("kind"))
                            .toList();
        } else if (definition.has(Subresource.STATUS)) {
            ignored = List.of("status");
        }
        return new FieldOwnership.Kind(schema, definition.schema().startsWith("io.k8s."), ignored);
    }
}
