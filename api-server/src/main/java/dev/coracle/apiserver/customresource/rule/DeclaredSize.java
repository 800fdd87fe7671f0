package dev.coracle.apiserver.customresource.rule;

import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.object.Json;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How large a value of a schema node can be in a request (apiserver/pkg/cel, SchemaDeclType).
 *
 * @param maxElements characters of a text, items of a list, entries of a map; 0 for other types
 * @param minBytes what the smallest value takes in JSON
 * @param keys of a map; null for other types
 * @param items of a list or a map; null for other types
 * @param fields of an object, by their names in CEL
 */
record DeclaredSize(
        long maxElements,
        long minBytes,
        @Nullable DeclaredSize keys,
        @Nullable DeclaredSize items,
        Map<String, DeclaredSize> fields) {

    /** The largest request. */
    static final long REQUEST_BYTES = 3 * 1024 * 1024;

    private static final int MIN_TEXT_BYTES = 2;
    private static final int MAX_TIME_BYTES = 32;
    private static final int DATE_BYTES = 12;
    private static final DeclaredSize TEXT = scalar(0, MIN_TEXT_BYTES);

    /** The size of a schema node; null when CEL gives it no type. */
    static @Nullable DeclaredSize of(Structural schema, boolean isResource) {
        if (schema.extensions().intOrString()) {
            return scalar(text(schema), 1);
        }
        return switch (schema.type()) {
            case "array" -> list(schema);
            case "object" -> schema.additional() == null ? object(schema, isResource) : map(schema);
            case "string" -> string(schema);
            case "boolean" -> scalar(0, "true".length());
            case "number", "integer" -> scalar(0, 1);
            default -> null;
        };
    }

    private static DeclaredSize scalar(long maxElements, long minBytes) {
        return new DeclaredSize(maxElements, minBytes, null, null, Map.of());
    }

    private static @Nullable DeclaredSize list(Structural schema) {
        DeclaredSize items = below(schema.items());
        return items == null
                ? null
                : new DeclaredSize(
                        limit(schema, "maxItems", (REQUEST_BYTES - 2) / (items.minBytes() + 1)),
                        2,
                        null,
                        items,
                        Map.of());
    }

    private static @Nullable DeclaredSize map(Structural schema) {
        DeclaredSize values = below(schema.additional());
        // an entry has two quotes, two characters of a key, a colon and a comma
        return values == null
                ? null
                : new DeclaredSize(
                        limit(
                                schema,
                                "maxProperties",
                                (REQUEST_BYTES - 2) / (values.minBytes() + 6)),
                        2,
                        TEXT,
                        values,
                        Map.of());
    }

    private static @Nullable DeclaredSize below(@Nullable Structural schema) {
        return schema == null ? null : of(schema, schema.extensions().embedsResource());
    }

    private static DeclaredSize object(Structural schema, boolean isResource) {
        Map<String, DeclaredSize> fields = new HashMap<>();
        Set<String> required = new HashSet<>(Json.texts(schema.source().path("required")));
        long bytes = 2;
        for (Map.Entry<String, Structural> property : schema.properties().entrySet()) {
            String name = property.getKey();
            DeclaredSize size = below(property.getValue());
            if (size != null) {
                PropertyNames.escape(name).ifPresent(escaped -> fields.put(escaped, size));
                if (required.contains(name) && !property.getValue().source().has("default")) {
                    // two quotes, a colon and a comma
                    bytes += name.length() + size.minBytes() + 4;
                }
            }
        }
        if (isResource) {
            DeclaredSize unbounded = scalar(REQUEST_BYTES - 2, MIN_TEXT_BYTES);
            fields.put("kind", unbounded);
            fields.put("apiVersion", unbounded);
            fields.put(
                    "metadata",
                    new DeclaredSize(
                            0,
                            2,
                            null,
                            null,
                            Map.of("name", unbounded, "generateName", unbounded)));
        }
        return new DeclaredSize(0, bytes, null, null, Map.copyOf(fields));
    }

    private static DeclaredSize string(Structural schema) {
        return switch (Json.text(schema.source(), "format")) {
            case "byte" -> scalar(limit(schema, "maxLength", REQUEST_BYTES - 2), MIN_TEXT_BYTES);
            // "0" in quotes
            case "duration" -> scalar(MAX_TIME_BYTES, 3);
            case "date" -> scalar(DATE_BYTES, DATE_BYTES);
            // 2006-01-02T15:04:05 in quotes
            case "date-time" -> scalar(MAX_TIME_BYTES, 21);
            default -> scalar(text(schema), MIN_TEXT_BYTES);
        };
    }

    /** The bytes of the longest text; a character can take four. */
    private static long text(Structural schema) {
        JsonNode source = schema.source();
        long most = REQUEST_BYTES - 2;
        if (source.has("maxLength")) {
            return 4 * limit(schema, "maxLength", most);
        }
        if (schema.extensions().intOrString() || source.path("enum").isEmpty()) {
            return most;
        }
        long longest = 0;
        for (String value : Json.texts(source.path("enum"))) {
            longest = Math.max(longest, value.length());
        }
        return longest;
    }

    private static long limit(Structural schema, String keyword, long otherwise) {
        return Math.max(0, schema.source().path(keyword).asLong(otherwise));
    }

    /** How many values of this size fit into a request. */
    long mostInRequest() {
        return REQUEST_BYTES / (minBytes + 1);
    }
}
