package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.managedfields.PathElement.KeyOf;
import dev.coracle.apiserver.managedfields.PathElement.ValueOf;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.Schema.ListType;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a value is taken apart: what its schema says, or what it is where the schema says nothing.
 */
sealed interface Shape {

    /** One value, owned as a whole. */
    record Leaf() implements Shape {}

    /**
     * An object whose members are owned each by itself.
     *
     * @param schema a struct, a map, or any
     */
    record Members(Schema schema) implements Shape {}

    /** A list whose items are owned each by itself. */
    record Items(Schema items, ListType type) implements Shape {}

    /** The shape of what stands on either side; null or missing stands for nothing. */
    static Shape of(SchemaCatalog catalog, Schema schema, JsonNode left, JsonNode right) {
        JsonNode value = isThere(right) ? right : left;
        return switch (catalog.resolve(schema)) {
            case Schema.Struct struct ->
                    struct.atomic() || isOther(left, right, ObjectNode.class)
                            ? new Leaf()
                            : new Members(struct);
            case Schema.MapOf map ->
                    map.atomic() || isOther(left, right, ObjectNode.class)
                            ? new Leaf()
                            : new Members(map);
            case Schema.ListOf list ->
                    list.type() instanceof ListType.Atomic || isOther(left, right, ArrayNode.class)
                            ? new Leaf()
                            : new Items(list.items(), list.type());
            case Schema.Any any ->
                    value instanceof ObjectNode && !isOther(left, right, ObjectNode.class)
                            ? new Members(any)
                            : new Leaf();
            case Schema.Scalar _, Schema.Quantity _, Schema.Reference _ -> new Leaf();
        };
    }

    /** The schema of what is one step below. */
    static Schema below(Schema resolved, PathElement element) {
        return switch (resolved) {
            case Schema.Struct struct ->
                    element instanceof FieldName(String name)
                            ? struct.properties().getOrDefault(name, new Schema.Any())
                            : new Schema.Any();
            case Schema.MapOf map -> map.values();
            case Schema.ListOf list -> list.items();
            case Schema.Scalar _, Schema.Quantity _, Schema.Any _, Schema.Reference _ ->
                    new Schema.Any();
        };
    }

    static boolean isThere(JsonNode value) {
        return !value.isMissingNode() && !value.isNull();
    }

    /** The items of a list by what tells them apart, in order; items alike share an entry. */
    static Map<PathElement, List<JsonNode>> items(JsonNode list, ListType type) {
        Map<PathElement, List<JsonNode>> items = new LinkedHashMap<>();
        for (JsonNode item : list) {
            items.computeIfAbsent(element(item, type), _ -> new java.util.ArrayList<>()).add(item);
        }
        return items;
    }

    private static PathElement element(JsonNode item, ListType type) {
        return switch (type) {
            case ListType.MapBy(List<String> keys, Map<String, JsonNode> defaults) -> {
                ObjectNode key = Json.newObject();
                keys.stream()
                        .sorted()
                        .forEach(name -> {
                            @Nullable JsonNode value = item.get(name);
                            if (value == null) {
                                value = defaults.get(name);
                            }
                            key.set(name, value == null ? NullNode.getInstance() : value);
                        });
                yield KeyOf.of(key);
            }
            case ListType.SetOf _, ListType.Atomic _ -> ValueOf.of(item);
        };
    }

    private static boolean isOther(JsonNode left, JsonNode right, Class<?> expected) {
        return (isThere(left) && !expected.isInstance(left))
                || (isThere(right) && !expected.isInstance(right));
    }
}
