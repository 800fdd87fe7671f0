package dev.coracle.apiserver.customresource;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What makes a schema structural (Kubernetes: "Specifying a structural schema"): types are said
 * outside of {@code allOf}, {@code anyOf}, {@code oneOf} and {@code not}, and every field these
 * speak of is known outside.
 */
final class StructuralRules {

    private enum Level {
        ROOT("at the root"),
        ITEM("for specified array items"),
        FIELD("for specified object fields");

        private final String text;

        Level(String text) {
            this.text = text;
        }
    }

    private static final List<String> JUNCTORS = List.of("anyOf", "allOf", "oneOf");
    private static final Map<String, String> FORBIDDEN_INSIDE =
            Map.ofEntries(
                    Map.entry("type", "must be empty to be structural"),
                    Map.entry("title", "must be empty to be structural"),
                    Map.entry("description", "must be empty to be structural"),
                    Map.entry("x-kubernetes-list-map-keys", "must be empty to be structural"),
                    Map.entry("x-kubernetes-validations", "must be empty to be structural"),
                    Map.entry("additionalProperties", "must be undefined to be structural"),
                    Map.entry("default", "must be undefined to be structural"),
                    Map.entry("externalDocs", "must be undefined to be structural"),
                    Map.entry("x-kubernetes-list-type", "must be undefined to be structural"),
                    Map.entry("x-kubernetes-map-type", "must be undefined to be structural"),
                    Map.entry("nullable", "must be false to be structural"),
                    Map.entry(
                            "x-kubernetes-preserve-unknown-fields",
                            "must be false to be structural"),
                    Map.entry("x-kubernetes-embedded-resource", "must be false to be structural"),
                    Map.entry("x-kubernetes-int-or-string", "must be false to be structural"));

    private final List<FieldError> errors = new ArrayList<>();

    private StructuralRules() {}

    /** What is not structural about a resource's schema. */
    static List<FieldError> check(ObjectNode schema, String path) {
        StructuralRules rules = new StructuralRules();
        rules.node(schema, Level.ROOT, path);
        rules.completeness(schema, path);
        rules.errors.sort(Comparator.comparing(FieldError::toString));
        return rules.errors;
    }

    private void node(ObjectNode schema, Level level, String path) {
        String type = Json.text(schema, "type");
        boolean intOrString = flag(schema, "x-kubernetes-int-or-string");
        boolean preserves = flag(schema, "x-kubernetes-preserve-unknown-fields");
        boolean embedded = flag(schema, "x-kubernetes-embedded-resource");
        if (type.equals("array") && !schema.has("items")) {
            errors.add(FieldError.required(path + ".items", "must be specified"));
        }
        children(schema, level, path);
        if (intOrString && preserves) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-preserve-unknown-fields",
                            true,
                            "must be false if x-kubernetes-int-or-string is true"));
        }
        if (intOrString && embedded) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-embedded-resource",
                            true,
                            "must be false if x-kubernetes-int-or-string is true"));
        }
        values(
                schema,
                isIntOrString(schema.path("anyOf")),
                isIntOrString(schema.path("allOf").path(0).path("anyOf")),
                path);
        type(schema, type, level, path);
        if (embedded) {
            embedded(schema, preserves, path);
        }
        metadata(schema, level, embedded, path);
    }

    private void children(ObjectNode schema, Level level, String path) {
        if (schema.path("items") instanceof ObjectNode items) {
            node(items, Level.ITEM, path + ".items");
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        node(property, Level.FIELD, path + ".properties[" + entry.getKey() + "]");
                    }
                });
        JsonNode additional = schema.path("additionalProperties");
        if (level == Level.ROOT && (additional.isObject() || additional.isBoolean())) {
            errors.add(
                    FieldError.forbidden(
                            path + ".additionalProperties", "must not be used at the root"));
        }
        if (additional instanceof ObjectNode values) {
            node(values, Level.FIELD, path + ".additionalProperties");
        }
    }

    private void type(ObjectNode schema, String type, Level level, String path) {
        if (flag(schema, "x-kubernetes-embedded-resource") && !type.equals("object")) {
            String detail = "must be object if x-kubernetes-embedded-resource is true";
            errors.add(
                    type.isEmpty()
                            ? FieldError.required(path + ".type", detail)
                            : FieldError.invalid(path + ".type", type, detail));
        } else if (type.isEmpty()
                && !flag(schema, "x-kubernetes-int-or-string")
                && !flag(schema, "x-kubernetes-preserve-unknown-fields")) {
            errors.add(FieldError.required(path + ".type", "must not be empty " + level.text));
        }
        if (level == Level.ROOT && !type.isEmpty() && !type.equals("object")) {
            errors.add(FieldError.invalid(path + ".type", type, "must be object at the root"));
        }
    }

    private void embedded(ObjectNode schema, boolean preserves, String path) {
        if (schema.has("additionalProperties")) {
            errors.add(
                    FieldError.forbidden(
                            path + ".additionalProperties",
                            "must not be used if x-kubernetes-embedded-resource is set"));
        }
        if (!preserves && schema.path("properties").isEmpty()) {
            errors.add(
                    FieldError.required(
                            path + ".properties",
                            "must not be empty if x-kubernetes-embedded-resource is true without"
                                    + " x-kubernetes-preserve-unknown-fields"));
        }
    }

    private void metadata(ObjectNode schema, Level level, boolean embedded, String path) {
        if (level != Level.ROOT && !embedded) {
            return;
        }
        JsonNode properties = schema.path("properties");
        for (String name : List.of("kind", "apiVersion")) {
            String type = Json.text(properties.path(name), "type");
            if (properties.has(name) && !type.equals("string")) {
                errors.add(
                        FieldError.invalid(
                                path + ".properties[" + name + "].type", type, "must be string"));
            }
        }
        if (!(properties.path("metadata") instanceof ObjectNode metadata)) {
            return;
        }
        String at = path + ".properties[metadata]";
        String type = Json.text(metadata, "type");
        if (!type.equals("object")) {
            errors.add(FieldError.invalid(at + ".type", type, "must be object"));
        }
        if (level == Level.ROOT) {
            boolean allowed =
                    Set.of("name", "generateName")
                                    .containsAll(metadata.path("properties").propertyNames())
                            && Set.of("type", "properties").containsAll(metadata.propertyNames());
            if (!allowed) {
                errors.add(
                        FieldError.forbidden(
                                at,
                                "must not specify anything other than name and generateName, but"
                                        + " metadata is implicitly specified"));
            }
        }
    }

    /** The value validations of a node, and what is below its junctors. */
    private void values(ObjectNode schema, boolean skipAnyOf, boolean skipFirstAllOf, String path) {
        for (String junctor : JUNCTORS) {
            int i = 0;
            for (ObjectNode nested : Json.objects(schema.path(junctor))) {
                boolean skipsHere = junctor.equals("allOf") && i == 0 && skipFirstAllOf;
                if (!(junctor.equals("anyOf") && skipAnyOf)) {
                    nested(nested, skipsHere, path + "." + junctor + "[" + i + "]");
                }
                i++;
            }
        }
        if (schema.path("not") instanceof ObjectNode not) {
            nested(not, false, path + ".not");
        }
        String pattern = Json.text(schema, "pattern");
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            errors.add(
                    FieldError.invalid(
                            path + ".pattern",
                            pattern,
                            "must be a valid regular expression, but isn't: " + e.getMessage()));
        }
    }

    private void nested(ObjectNode schema, boolean skipAnyOf, String path) {
        values(schema, skipAnyOf, false, path);
        if (schema.path("items") instanceof ObjectNode items) {
            nested(items, false, path + ".items");
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        nested(property, false, path + ".properties[" + entry.getKey() + "]");
                    }
                });
        FORBIDDEN_INSIDE.forEach((keyword, detail) -> {
            JsonNode value = schema.path(keyword);
            if (Json.isPresent(value) && !(value.isBoolean() && !value.asBoolean())) {
                errors.add(FieldError.forbidden(path + "." + keyword, detail));
            }
        });
        if (schema.path("properties").has("metadata")) {
            errors.add(
                    FieldError.forbidden(
                            path + ".properties[metadata]",
                            "must not be specified in a nested context"));
        }
    }

    /** Every field below a junctor must be known to the schema outside of it. */
    private void completeness(ObjectNode schema, String path) {
        junctors(schema, schema, path, path);
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        completeness(property, path + ".properties[" + entry.getKey() + "]");
                    }
                });
        for (String member : List.of("items", "additionalProperties")) {
            if (schema.path(member) instanceof ObjectNode child) {
                completeness(child, path + "." + member);
            }
        }
    }

    private void junctors(ObjectNode nested, JsonNode outside, String path, String outsidePath) {
        for (String junctor : JUNCTORS) {
            int i = 0;
            for (ObjectNode each : Json.objects(nested.path(junctor))) {
                inside(each, outside, path + "." + junctor + "[" + i++ + "]", outsidePath);
            }
        }
        if (nested.path("not") instanceof ObjectNode not) {
            inside(not, outside, path + ".not", outsidePath);
        }
    }

    private void inside(ObjectNode nested, JsonNode outside, String path, String outsidePath) {
        junctors(nested, outside, path, outsidePath);
        nested.path("properties")
                .properties()
                .forEach(entry -> {
                    JsonNode known = outside.path("properties").path(entry.getKey());
                    if (known.isMissingNode() && outside.path("additionalProperties").isObject()) {
                        known = outside.path("additionalProperties");
                    }
                    String at = outsidePath + ".properties[" + entry.getKey() + "]";
                    below(
                            entry.getValue(),
                            known,
                            path + ".properties[" + entry.getKey() + "]",
                            at);
                });
        if (nested.path("items") instanceof ObjectNode items) {
            below(items, outside.path("items"), path + ".items", outsidePath + ".items");
        }
    }

    private void below(JsonNode nested, JsonNode known, String path, String outsidePath) {
        if (!(nested instanceof ObjectNode schema)) {
            return;
        }
        if (known.isMissingNode()) {
            errors.add(FieldError.required(outsidePath, "because it is defined in " + path));
        } else {
            inside(schema, known, path, outsidePath);
        }
    }

    private static boolean isIntOrString(JsonNode anyOf) {
        return anyOf instanceof ArrayNode array
                && array.size() == 2
                && array.path(0).equals(Json.newObject().put("type", "integer"))
                && array.path(1).equals(Json.newObject().put("type", "string"));
    }

    private static boolean flag(ObjectNode schema, String member) {
        return schema.path(member).asBoolean(false);
    }
}
