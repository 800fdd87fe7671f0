package dev.coracle.apiserver.customresource;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills in {@code default} values (Kubernetes: "Defaulting"). A null in a field that is not
 * nullable is as good as absent.
 */
final class Defaulting {

    private Defaulting() {}

    /** Fills in and removes nulls, in place. */
    static void apply(JsonNode value, Structural schema) {
        if (value instanceof ObjectNode object) {
            removeNulls(object, schema);
            for (Map.Entry<String, Structural> property : schema.properties().entrySet()) {
                @Nullable JsonNode wanted = property.getValue().defaultValue();
                if (wanted != null && !object.has(property.getKey())) {
                    object.set(property.getKey(), wanted.deepCopy());
                }
            }
            object.properties()
                    .forEach(entry -> {
                        @Nullable Structural member = schema.member(entry.getKey());
                        if (member != null) {
                            apply(entry.getValue(), member);
                        }
                    });
        } else if (value instanceof ArrayNode array && schema.items() != null) {
            for (int i = 0; i < array.size(); i++) {
                @Nullable JsonNode wanted = schema.items().defaultValue();
                if (array.path(i).isNull() && wanted != null && !schema.items().isNullable()) {
                    array.set(i, wanted.deepCopy());
                }
                apply(array.path(i), schema.items());
            }
        }
    }

    private static void removeNulls(ObjectNode object, Structural schema) {
        for (String name : List.copyOf(object.propertyNames())) {
            @Nullable Structural member = schema.member(name);
            if (member != null && !member.isNullable() && object.path(name).isNull()) {
                object.remove(name);
            }
        }
    }
}
