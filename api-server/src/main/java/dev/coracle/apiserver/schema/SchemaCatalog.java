package dev.coracle.apiserver.schema;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema.MergeStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every definition by its name, for instance {@code io.k8s.api.core.v1.Pod}: as published (with the
 * patch extensions) and compiled. Immutable.
 */
public final class SchemaCatalog {

    private static final String REFERENCE = "#/components/schemas/";

    private final Map<String, ObjectNode> published = new LinkedHashMap<>();
    private final Map<String, Schema.Struct> compiled = new HashMap<>();

    private SchemaCatalog(ObjectNode definitions) {
        for (Map.Entry<String, JsonNode> entry : definitions.properties()) {
            String name = entry.getKey();
            ObjectNode definition = (ObjectNode) entry.getValue();
            addPatchExtensions(name.substring(name.lastIndexOf('.') + 1), definition);
            published.put(name, definition);
            compiled.put(name, struct(definition, MergeStrategy.NONE));
        }
    }

    /** Loads the built-in definitions. */
    public static SchemaCatalog load() {
        try (InputStream in = SchemaCatalog.class.getResourceAsStream("/schema/definitions.json")) {
            if (in == null) {
                throw new IllegalStateException("schema/definitions.json is not on the class path");
            }
            return new SchemaCatalog((ObjectNode) Json.MAPPER.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The definition as an OpenAPI 3 schema. Not to be changed. */
    public ObjectNode published(String name) {
        ObjectNode definition = published.get(name);
        if (definition == null) {
            throw new IllegalArgumentException("no definition '" + name + "'");
        }
        return definition;
    }

    public Schema.Struct struct(String name) {
        Schema.Struct struct = compiled.get(name);
        if (struct == null) {
            throw new IllegalArgumentException("no definition '" + name + "'");
        }
        return struct;
    }

    /** Follows a reference, keeping the merge strategy of the property that made it. */
    public Schema resolve(Schema schema) {
        if (schema instanceof Schema.Reference(String name, MergeStrategy merge)) {
            Schema.Struct target = struct(name);
            return merge.equals(MergeStrategy.NONE)
                    ? target
                    : new Schema.Struct(target.properties(), target.required(), merge);
        }
        return schema;
    }

    /** The names of {@code name} and every definition reachable from it. */
    public Set<String> closure(String name) {
        Set<String> names = new HashSet<>();
        collect(name, names);
        return names;
    }

    private void collect(String name, Set<String> names) {
        if (names.add(name)) {
            struct(name).properties().values().forEach(schema -> collect(schema, names));
        }
    }

    private void collect(Schema schema, Set<String> names) {
        switch (schema) {
            case Schema.Reference reference -> collect(reference.name(), names);
            case Schema.ListOf list -> collect(list.items(), names);
            case Schema.MapOf map -> collect(map.values(), names);
            case Schema.Struct struct ->
                    struct.properties().values().forEach(property -> collect(property, names));
            case Schema.Scalar _, Schema.Quantity _, Schema.Any _ -> {}
        }
    }

    private static void addPatchExtensions(String type, ObjectNode definition) {
        for (Map.Entry<String, JsonNode> property : definition.path("properties").properties()) {
            String entry = PatchMetadata.TABLE.get(type + "." + property.getKey());
            if (entry != null) {
                String[] parts = entry.split(":", 2);
                ObjectNode schema = (ObjectNode) property.getValue();
                schema.put("x-kubernetes-patch-strategy", parts[0]);
                if (parts.length == 2) {
                    schema.put("x-kubernetes-patch-merge-key", parts[1]);
                }
            }
        }
    }

    private static Schema.Struct struct(ObjectNode definition, MergeStrategy merge) {
        Map<String, Schema> properties = new HashMap<>();
        definition
                .path("properties")
                .properties()
                .forEach(entry -> properties.put(entry.getKey(), schema(entry.getValue())));
        return new Schema.Struct(
                Map.copyOf(properties), Set.copyOf(Json.texts(definition.path("required"))), merge);
    }

    private static Schema schema(JsonNode node) {
        MergeStrategy merge = mergeStrategy(node);
        String reference = node.path("$ref").asString("");
        if (!reference.isEmpty()) {
            return new Schema.Reference(reference.substring(REFERENCE.length()), merge);
        }
        if (node.path("x-kubernetes-preserve-unknown-fields").asBoolean(false)) {
            return new Schema.Any();
        }
        if (node.path("x-coracle-quantity").asBoolean(false)) {
            return new Schema.Quantity();
        }
        String type = node.path("type").asString("");
        return switch (type) {
            case "array" -> new Schema.ListOf(schema(node.path("items")), merge);
            case "object" ->
                    node.has("additionalProperties")
                            ? new Schema.MapOf(schema(node.path("additionalProperties")))
                            : new Schema.Any();
            default -> new Schema.Scalar(type, node.path("format").asString(""));
        };
    }

    private static MergeStrategy mergeStrategy(JsonNode node) {
        String strategy = node.path("x-kubernetes-patch-strategy").asString("");
        if (strategy.isEmpty()) {
            return MergeStrategy.NONE;
        }
        @Nullable String key = node.path("x-kubernetes-patch-merge-key").asString(null);
        return new MergeStrategy(
                strategy.startsWith("merge"), strategy.contains("retainKeys"), key);
    }
}
