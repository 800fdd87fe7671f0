package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds items that a {@code set} or {@code map} list has twice. */
final class ListUniqueness {

    private ListUniqueness() {}

    static void check(JsonNode value, Structural schema, String path, List<FieldError> errors) {
        if (value instanceof ObjectNode object) {
            object.properties()
                    .forEach(entry -> {
                        @Nullable Structural member = schema.member(entry.getKey());
                        if (member != null) {
                            String at = ValuePath.member(path, schema, entry.getKey());
                            check(entry.getValue(), member, at, errors);
                        }
                    });
        } else if (value instanceof ArrayNode array && schema.items() != null) {
            duplicates(array, schema, path, errors);
            for (int i = 0; i < array.size(); i++) {
                check(array.path(i), schema.items(), path + "[" + i + "]", errors);
            }
        }
    }

    private static void duplicates(
            ArrayNode array, Structural schema, String path, List<FieldError> errors) {
        Set<JsonNode> seen = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            @Nullable JsonNode key =
                    switch (schema.extensions().listType()) {
                        case "set" -> array.path(i);
                        case "map" -> keys(array.path(i), schema.extensions().listMapKeys());
                        default -> null;
                    };
            if (key != null && !seen.add(key)) {
                errors.add(FieldError.duplicate(path + "[" + i + "]", printable(key)));
            }
        }
    }

    private static @Nullable JsonNode keys(JsonNode item, List<String> names) {
        if (!(item instanceof ObjectNode object)) {
            return null;
        }
        ObjectNode keys = Json.newObject();
        for (String name : names) {
            if (object.has(name)) {
                keys.set(name, object.path(name));
            }
        }
        return keys;
    }

    private static Object printable(JsonNode key) {
        return key.isString() ? key.asString() : key;
    }
}
