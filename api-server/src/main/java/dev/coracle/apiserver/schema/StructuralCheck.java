package dev.coracle.apiserver.schema;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds a decoded tree against its schema: drops unknown fields and nulls, finds wrong types and
 * missing fields.
 */
public final class StructuralCheck {

    private final SchemaCatalog catalog;

    public StructuralCheck(SchemaCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * What {@link #prune} found.
     *
     * @param unknown the paths of the fields that were dropped
     * @param mismatch the first value of a wrong type, described; null when there is none
     */
    public record Pruned(List<String> unknown, @Nullable String mismatch) {}

    /** Removes what the definition does not know, and nulls, in place. */
    public Pruned prune(ObjectNode tree, String definition) {
        Optional<CustomDefinition> custom = catalog.findCustom(definition);
        if (custom.isPresent()) {
            return custom.get().prune(tree);
        }
        List<String> unknown = new ArrayList<>();
        List<String> mismatches = new ArrayList<>();
        prune(tree, catalog.struct(definition), "", unknown, mismatches);
        return new Pruned(unknown, mismatches.isEmpty() ? null : mismatches.getFirst());
    }

    /**
     * The required fields that {@code value}, found at {@code path}, lacks. Status is not looked
     * into. A custom definition finds its own when the object is validated.
     */
    public List<FieldError> missing(JsonNode value, String definition, String path) {
        List<FieldError> errors = new ArrayList<>();
        if (catalog.findCustom(definition).isEmpty()) {
            missing(value, catalog.struct(definition), path, errors);
        }
        return errors;
    }

    private void prune(
            JsonNode value,
            Schema schema,
            String path,
            List<String> unknown,
            List<String> mismatches) {
        switch (catalog.resolve(schema)) {
            case Schema.Struct struct -> {
                if (value instanceof ObjectNode object) {
                    for (String name : List.copyOf(object.propertyNames())) {
                        Schema property = struct.properties().get(name);
                        String at = path.isEmpty() ? name : path + "." + name;
                        if (property == null) {
                            object.remove(name);
                            unknown.add(at);
                        } else if (object.path(name).isNull()) {
                            object.remove(name);
                        } else {
                            prune(object.path(name), property, at, unknown, mismatches);
                        }
                    }
                } else {
                    mismatches.add(mismatch(value, path, "object"));
                }
            }
            case Schema.ListOf list -> {
                if (value instanceof ArrayNode array) {
                    for (int i = 0; i < array.size(); i++) {
                        prune(
                                array.path(i),
                                list.items(),
                                path + "[" + i + "]",
                                unknown,
                                mismatches);
                    }
                } else {
                    mismatches.add(mismatch(value, path, "array"));
                }
            }
            case Schema.MapOf map -> {
                if (value instanceof ObjectNode object) {
                    for (Map.Entry<String, JsonNode> entry : object.properties()) {
                        String at = path + "." + entry.getKey();
                        prune(entry.getValue(), map.values(), at, unknown, mismatches);
                    }
                } else {
                    mismatches.add(mismatch(value, path, "object"));
                }
            }
            case Schema.Scalar scalar -> {
                if (!isA(value, scalar)) {
                    String format = scalar.format().isEmpty() ? "" : " (" + scalar.format() + ")";
                    mismatches.add(mismatch(value, path, scalar.type() + format));
                }
            }
            case Schema.Quantity _ -> {
                if (!value.isString() && !value.isNumber()) {
                    mismatches.add(mismatch(value, path, "quantity"));
                }
            }
            case Schema.Any _ -> {}
            case Schema.Reference reference ->
                    throw new IllegalStateException("unresolved '" + reference.name() + "'");
        }
    }

    private static boolean isA(JsonNode value, Schema.Scalar scalar) {
        return switch (scalar.type()) {
            case "string" ->
                    value.isString()
                            || (scalar.format().equals("int-or-string")
                                    && value.isIntegralNumber());
            case "integer" ->
                    scalar.format().equals("int32")
                            ? value.isIntegralNumber() && value.canConvertToInt()
                            : value.isIntegralNumber() && value.canConvertToLong();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            default -> true;
        };
    }

    private static String mismatch(JsonNode value, String path, String expected) {
        String given =
                switch (value.getNodeType()) {
                    case STRING -> "string";
                    case NUMBER -> "number " + value;
                    case BOOLEAN -> "bool";
                    case ARRAY -> "array";
                    case OBJECT, POJO -> "object";
                    case NULL -> "null";
                    case BINARY, MISSING -> "nothing";
                };
        return "json: cannot unmarshal " + given + " into field " + path + " of type " + expected;
    }

    private void missing(JsonNode value, Schema schema, String path, List<FieldError> errors) {
        switch (catalog.resolve(schema)) {
            case Schema.Struct struct -> {
                for (String name : struct.required()) {
                    JsonNode member = value.path(name);
                    if (member.isMissingNode()) {
                        errors.add(FieldError.required(path + "." + name, ""));
                    }
                }
                for (Map.Entry<String, JsonNode> entry : value.properties()) {
                    Schema property = struct.properties().get(entry.getKey());
                    if (property != null) {
                        missing(entry.getValue(), property, path + "." + entry.getKey(), errors);
                    }
                }
            }
            case Schema.ListOf list -> {
                int i = 0;
                for (ObjectNode item : Json.objects(value)) {
                    missing(item, list.items(), path + "[" + i++ + "]", errors);
                }
            }
            case Schema.MapOf _,
                    Schema.Scalar _,
                    Schema.Quantity _,
                    Schema.Any _,
                    Schema.Reference _ -> {}
        }
    }
}
