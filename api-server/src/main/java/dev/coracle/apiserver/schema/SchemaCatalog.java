package dev.coracle.apiserver.schema;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema.ListType;
import dev.coracle.apiserver.schema.Schema.MergeStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Every definition by its name, for instance {@code io.k8s.api.core.v1.Pod}: as published (with the
 * patch extensions) and compiled. The built-in ones never change; those of custom resources are
 * replaced all at once. Thread-safe.
 */
public final class SchemaCatalog {

    private static final String REFERENCE = "#/components/schemas/";

    /** The one key of the Kubernetes types that has a default: a port's protocol. */
    private static final Map<String, JsonNode> KEY_DEFAULTS =
            Map.of("protocol", StringNode.valueOf("TCP"));

    private final Map<String, ObjectNode> published = new LinkedHashMap<>();
    private final Map<String, Schema.Struct> compiled = new HashMap<>();

    private volatile Map<String, CustomDefinition> custom = Map.of();
    // what the last replacement took away: a request that is on its way may still need it
    private volatile Map<String, CustomDefinition> retired = Map.of();

    private SchemaCatalog(ObjectNode definitions) {
        for (Map.Entry<String, JsonNode> entry : definitions.properties()) {
            String name = entry.getKey();
            ObjectNode definition = (ObjectNode) entry.getValue();
            addExtensions(name, definition);
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

    /** Puts these definitions, by name, in the place of the custom ones so far. */
    public synchronized void replaceCustom(Map<String, CustomDefinition> definitions) {
        retired = custom;
        custom = Map.copyOf(definitions);
    }

    /** The definition of a custom resource; empty for a built-in one. */
    public Optional<CustomDefinition> findCustom(String name) {
        CustomDefinition definition = custom.get(name);
        return Optional.ofNullable(definition == null ? retired.get(name) : definition);
    }

    /** The definition as an OpenAPI 3 schema. Not to be changed. */
    public ObjectNode published(String name) {
        ObjectNode definition = published.get(name);
        return definition != null ? definition : custom(name).published();
    }

    public Schema.Struct struct(String name) {
        Schema.Struct struct = compiled.get(name);
        return struct != null ? struct : custom(name).struct();
    }

    private CustomDefinition custom(String name) {
        return findCustom(name)
                .orElseThrow(() -> new IllegalArgumentException("no definition '" + name + "'"));
    }

    /** Follows a reference, keeping the merge strategy of the property that made it. */
    public Schema resolve(Schema schema) {
        if (schema instanceof Schema.Reference(String name, MergeStrategy merge)) {
            Schema.Struct target = struct(name);
            return merge.equals(MergeStrategy.NONE)
                    ? target
                    : new Schema.Struct(
                            target.properties(), target.required(), merge, target.atomic());
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

    /** The markers of the Go types, as upstream publishes them. */
    private static void addExtensions(String name, ObjectNode definition) {
        String[] parts = name.split("\\.", -1);
        String type = parts[parts.length - 1];
        String qualified = parts[parts.length - 3] + "." + parts[parts.length - 2] + "." + type;
        if (ApplyMetadata.ATOMIC_DEFINITIONS.contains(type)
                || ApplyMetadata.ATOMIC_DEFINITIONS.contains(qualified)) {
            definition.put("x-kubernetes-map-type", "atomic");
        }
        for (Map.Entry<String, JsonNode> property : definition.path("properties").properties()) {
            String path = type + "." + property.getKey();
            ObjectNode schema = (ObjectNode) property.getValue();
            addPatchStrategy(PatchMetadata.TABLE.get(path), schema);
            addListType(ApplyMetadata.LISTS.get(path), schema);
            if (ApplyMetadata.ATOMIC_MAPS.contains(path)) {
                schema.put("x-kubernetes-map-type", "atomic");
            }
        }
    }

    private static void addPatchStrategy(@Nullable String strategy, ObjectNode schema) {
        if (strategy != null) {
            String[] parts = strategy.split(":", 2);
            schema.put("x-kubernetes-patch-strategy", parts[0]);
            if (parts.length == 2) {
                schema.put("x-kubernetes-patch-merge-key", parts[1]);
            }
        }
    }

    private static void addListType(@Nullable String listType, ObjectNode schema) {
        if (listType == null) {
            if (schema.path("type").asString("").equals("array")) {
                schema.put("x-kubernetes-list-type", "atomic");
            }
            return;
        }
        String[] parts = listType.split(":", 2);
        schema.put("x-kubernetes-list-type", parts[0]);
        if (parts.length == 2) {
            ArrayNode keys = schema.putArray("x-kubernetes-list-map-keys");
            for (String key : parts[1].split(",", -1)) {
                keys.add(key);
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
                Map.copyOf(properties),
                Set.copyOf(Json.texts(definition.path("required"))),
                merge,
                isAtomic(definition));
    }

    private static Schema schema(JsonNode node) {
        MergeStrategy merge = mergeStrategy(node);
        String reference =
                node.path("$ref").asString(node.path("allOf").path(0).path("$ref").asString(""));
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
            case "array" -> new Schema.ListOf(schema(node.path("items")), merge, listType(node));
            case "object" ->
                    node.has("additionalProperties")
                            ? new Schema.MapOf(
                                    schema(node.path("additionalProperties")), isAtomic(node))
                            : new Schema.Any();
            default -> new Schema.Scalar(type, node.path("format").asString(""));
        };
    }

    private static boolean isAtomic(JsonNode node) {
        return node.path("x-kubernetes-map-type").asString("").equals("atomic");
    }

    private static ListType listType(JsonNode node) {
        return switch (node.path("x-kubernetes-list-type").asString("atomic")) {
            case "set" -> new ListType.SetOf();
            case "map" ->
                    new ListType.MapBy(
                            Json.texts(node.path("x-kubernetes-list-map-keys")), KEY_DEFAULTS);
            default -> ListType.ATOMIC;
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
