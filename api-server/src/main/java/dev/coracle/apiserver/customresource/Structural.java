package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The structure of a schema: what pruning, defaulting and list types need of it. Lenient: a keyword
 * of the wrong shape reads as absent, {@link SchemaRules} refuses it.
 *
 * @param type object, array, string, ..., or empty
 * @param additional the schema of a map's values; null when there is none
 * @param source the schema as it was written
 */
public record Structural(
        String type,
        Map<String, Structural> properties,
        @Nullable Structural items,
        @Nullable Structural additional,
        Extensions extensions,
        ObjectNode source) {

    /** Knows nothing and keeps nothing. */
    static final Structural NOTHING = read(Json.newObject());

    /**
     * The {@code x-kubernetes-*} extensions.
     *
     * @param listType atomic, set, map, or empty
     * @param mapType atomic, granular, or empty
     */
    public record Extensions(
            boolean preservesUnknown,
            boolean embedsResource,
            boolean intOrString,
            String listType,
            List<String> listMapKeys,
            String mapType) {}

    public static Structural read(ObjectNode schema) {
        Map<String, Structural> properties = new LinkedHashMap<>();
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        properties.put(entry.getKey(), read(property));
                    }
                });
        JsonNode additional = schema.path("additionalProperties");
        return new Structural(
                Json.text(schema, "type"),
                properties,
                schema.path("items") instanceof ObjectNode items ? read(items) : null,
                additional instanceof ObjectNode values
                        ? read(values)
                        : additional.asBoolean(false) ? NOTHING : null,
                new Extensions(
                        schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false),
                        schema.path("x-kubernetes-embedded-resource").asBoolean(false),
                        schema.path("x-kubernetes-int-or-string").asBoolean(false),
                        Json.text(schema, "x-kubernetes-list-type"),
                        Json.texts(schema.path("x-kubernetes-list-map-keys")),
                        Json.text(schema, "x-kubernetes-map-type")),
                schema);
    }

    boolean isNullable() {
        return source.path("nullable").asBoolean(false);
    }

    /** What to fill in; null when nothing. */
    @Nullable JsonNode defaultValue() {
        JsonNode value = source.path("default");
        return value.isMissingNode() ? null : value;
    }

    /**
     * The item of an older list that has the keys of {@code item}; null when there is none, or this
     * is no list with keys.
     */
    public @Nullable JsonNode correlated(JsonNode item, JsonNode oldList) {
        if (!extensions.listType().equals("map")) {
            return null;
        }
        for (ObjectNode candidate : Json.objects(oldList)) {
            boolean same = true;
            for (String key : extensions.listMapKeys()) {
                same &= candidate.path(key).equals(item.path(key));
            }
            if (same) {
                return candidate;
            }
        }
        return null;
    }

    /** The schema of a member, by property or as a map's value; null when it has none. */
    public @Nullable Structural member(String name) {
        Structural property = properties.get(name);
        return property == null ? additional : property;
    }
}
