package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.customresource.rule.FieldPaths;
import dev.coracle.apiserver.customresource.rule.Rule;
import dev.coracle.apiserver.customresource.rule.RuleCompiler;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which schemas a CustomResourceDefinition may have (apiextensions/v1 JSONSchemaProps). */
public final class SchemaRules {

    private static final List<String> TYPES =
            List.of("array", "boolean", "integer", "number", "object", "string");
    private static final Set<String> META = Set.of("apiVersion", "kind", "metadata");
    private static final List<String> REASONS =
            List.of(
                    "FieldValueDuplicate",
                    "FieldValueForbidden",
                    "FieldValueInvalid",
                    "FieldValueRequired");
    private static final Map<String, String> UNSUPPORTED =
            Map.of(
                    "id", "id is not supported",
                    "additionalItems", "additionalItems is not supported",
                    "patternProperties", "patternProperties is not supported",
                    "definitions", "definitions is not supported",
                    "dependencies", "dependencies is not supported",
                    "$ref", "$ref is not supported");

    private final List<FieldError> errors = new ArrayList<>();

    private SchemaRules() {}

    /** What the walk knows of the place it is at. */
    private record Place(String path, boolean isRoot, String noDefaults, String uncorrelated) {
        Place below(String step) {
            return new Place(path + step, false, noDefaults, uncorrelated);
        }

        Place withoutDefaults(String why) {
            return new Place(path, isRoot, why, uncorrelated);
        }

        /** Old values cannot be found below {@code at}. */
        Place withoutOldValues(String at) {
            return uncorrelated.isEmpty() ? new Place(path, isRoot, noDefaults, at) : this;
        }
    }

    /** Everything wrong with the schema at {@code path}. */
    public static List<FieldError> check(ObjectNode schema, String path) {
        SchemaRules rules = new SchemaRules();
        if (schema.path("nullable").asBoolean(false)) {
            rules.errors.add(
                    FieldError.forbidden(
                            path + ".nullable", "nullable cannot be true at the root"));
        }
        rules.errors.addAll(StructuralRules.check(schema, path));
        if (rules.errors.isEmpty()) {
            rules.errors.addAll(DefaultRules.check(schema, path));
        }
        boolean structural = rules.errors.isEmpty();
        rules.node(schema, new Place(path, true, "", ""));
        if (structural && rules.errors.isEmpty()) {
            rules.rules(schema, new Place(path, true, "", ""), true);
        }
        return rules.errors;
    }

    private void node(ObjectNode schema, Place place) {
        String path = place.path();
        String type = Json.text(schema, "type");
        keywords(schema, type, place);
        listType(schema, type, path);
        mapType(schema, type, path);
        ruleTexts(schema, path);
        boolean hasMeta =
                place.isRoot() || schema.path("x-kubernetes-embedded-resource").asBoolean(false);
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        Place below = place.below(".properties[" + entry.getKey() + "]");
                        boolean isMeta = hasMeta && META.contains(entry.getKey());
                        node(
                                property,
                                isMeta && place.isRoot()
                                        ? below.withoutDefaults("in top-level " + entry.getKey())
                                        : below);
                    }
                });
        for (String member : List.of("items", "additionalProperties", "not")) {
            if (schema.path(member) instanceof ObjectNode child) {
                node(child, place.below("." + member));
            }
        }
        for (String junctor : List.of("allOf", "oneOf", "anyOf")) {
            int i = 0;
            for (ObjectNode child : Json.objects(schema.path(junctor))) {
                node(child, place.below("." + junctor + "[" + i++ + "]"));
            }
        }
    }

    private void keywords(ObjectNode schema, String type, Place place) {
        String path = place.path();
        if (type.equals("null")) {
            errors.add(
                    FieldError.forbidden(
                            path + ".type",
                            "type cannot be set to null, use nullable as an" + " alternative"));
        }
        if (!type.isEmpty() && !TYPES.contains(type)) {
            errors.add(FieldError.notSupported(path + ".type", type, TYPES));
        }
        if (schema.has("default") && !place.noDefaults().isEmpty()) {
            errors.add(
                    FieldError.forbidden(
                            path + ".default", "must not be set " + place.noDefaults()));
        }
        for (String keyword : new TreeSet<>(UNSUPPORTED.keySet())) {
            if (Json.isPresent(schema.path(keyword))) {
                errors.add(
                        FieldError.forbidden(
                                path + "." + keyword, UNSUPPORTED.getOrDefault(keyword, "")));
            }
        }
        if (schema.path("items").isArray()) {
            errors.add(
                    FieldError.forbidden(
                            path + ".items", "items must be a schema object and not an array"));
        }
        if (schema.path("uniqueItems").asBoolean(false)) {
            errors.add(
                    FieldError.forbidden(
                            path + ".uniqueItems",
                            "uniqueItems cannot be set to true since the runtime complexity becomes"
                                    + " quadratic"));
        }
        JsonNode additional = schema.path("additionalProperties");
        if (!schema.path("properties").isEmpty()
                && (additional.isObject() || (additional.isBoolean() && !additional.asBoolean()))) {
            errors.add(
                    FieldError.forbidden(
                            path + ".additionalProperties",
                            "additionalProperties and properties are mutual exclusive"));
        }
        JsonNode preserves = schema.path("x-kubernetes-preserve-unknown-fields");
        if (preserves.isBoolean() && !preserves.asBoolean()) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-preserve-unknown-fields",
                            false,
                            "must be true or undefined"));
        }
    }

    private void mapType(ObjectNode schema, String type, String path) {
        String mapType = Json.text(schema, "x-kubernetes-map-type");
        if (mapType.isEmpty()) {
            return;
        }
        typeMustBe("object", type, "x-kubernetes-map-type", path);
        if (!List.of("atomic", "granular").contains(mapType)) {
            errors.add(
                    FieldError.notSupported(
                            path + ".x-kubernetes-map-type",
                            mapType,
                            List.of("atomic", "granular")));
        }
    }

    private void typeMustBe(String wanted, String type, String extension, String path) {
        if (!type.equals(wanted)) {
            String detail = "must be " + wanted + " if " + extension + " is specified";
            errors.add(
                    type.isEmpty()
                            ? FieldError.required(path + ".type", detail)
                            : FieldError.invalid(path + ".type", type, detail));
        }
    }

    private void listType(ObjectNode schema, String type, String path) {
        String listType = Json.text(schema, "x-kubernetes-list-type");
        List<String> keys = Json.texts(schema.path("x-kubernetes-list-map-keys"));
        JsonNode items = schema.path("items");
        if (!listType.isEmpty()) {
            typeMustBe("array", type, "x-kubernetes-list-type", path);
        }
        switch (listType) {
            case "", "atomic" -> {}
            case "set" -> setItems(items, path);
            case "map" -> mapItems(items, keys, path);
            default ->
                    errors.add(
                            new FieldError(
                                    path + ".x-kubernetes-list-type",
                                    FieldError.Type.NOT_SUPPORTED,
                                    listType,
                                    "supported values: \"atomic\", \"set\", \"map\""));
        }
        if (!keys.isEmpty() && !listType.equals("map")) {
            String detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            String at = path + ".x-kubernetes-list-type";
            errors.add(
                    listType.isEmpty()
                            ? FieldError.required(at, detail)
                            : FieldError.invalid(at, listType, detail));
        }
        if (List.of("set", "map").contains(listType) && items.path("nullable").asBoolean(false)) {
            errors.add(
                    FieldError.forbidden(
                            path + ".items.nullable",
                            "cannot be nullable when x-kubernetes-list-type is " + listType));
        }
    }

    private void setItems(JsonNode items, String path) {
        String detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        String listType = Json.text(items, "x-kubernetes-list-type");
        String mapType = Json.text(items, "x-kubernetes-map-type");
        if (Json.text(items, "type").equals("array")
                && !listType.isEmpty()
                && !listType.equals("atomic")) {
            errors.add(
                    FieldError.invalid(path + ".items.x-kubernetes-list-type", listType, detail));
        } else if (Json.text(items, "type").equals("object") && !mapType.equals("atomic")) {
            errors.add(FieldError.invalid(path + ".items.x-kubernetes-map-type", mapType, detail));
        }
    }

    private void mapItems(JsonNode items, List<String> keys, String path) {
        if (keys.isEmpty()) {
            errors.add(
                    FieldError.required(
                            path + ".x-kubernetes-list-map-keys",
                            "must not be empty if x-kubernetes-list-type is map"));
        }
        if (!items.isObject()) {
            errors.add(
                    FieldError.required(
                            path + ".items",
                            "must have a schema if x-kubernetes-list-type is map"));
            return;
        }
        String type = Json.text(items, "type");
        if (!type.equals("object")) {
            errors.add(
                    FieldError.invalid(
                            path + ".items.type",
                            type,
                            "must be object if parent array's x-kubernetes-list-type is map"));
            return;
        }
        List<String> required = Json.texts(items.path("required"));
        for (String key : keys) {
            mapKey(items.path("properties").path(key), key, required.contains(key), path);
        }
        if (Set.copyOf(keys).size() < keys.size()) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-list-map-keys",
                            Json.MAPPER.valueToTree(keys),
                            "must not contain duplicate entries"));
        }
    }

    private void mapKey(JsonNode property, String key, boolean isRequired, String path) {
        String at = path + ".items.properties[" + key + "]";
        if (property.isMissingNode()) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-list-map-keys",
                            key,
                            "entries must all be names of item properties"));
            return;
        }
        String type = Json.text(property, "type");
        if (type.equals("array") || type.equals("object")) {
            errors.add(
                    FieldError.invalid(
                            at + ".type",
                            type,
                            "must be a scalar type if parent array's x-kubernetes-list-type is map"));
        }
        String here = "this property is in x-kubernetes-list-map-keys, so it ";
        if (!isRequired && !property.has("default")) {
            errors.add(
                    FieldError.required(
                            at + ".default",
                            here + "must have a default or be a required property"));
        }
        if (property.path("nullable").asBoolean(false)) {
            errors.add(FieldError.forbidden(at + ".nullable", here + "cannot be nullable"));
        }
    }

    private void ruleTexts(ObjectNode schema, String path) {
        int i = 0;
        for (Rule rule : Rule.all(schema)) {
            String at = path + ".x-kubernetes-validations[" + i++ + "]";
            if (rule.rule().isBlank()) {
                errors.add(FieldError.required(at + ".rule", "rule is not specified"));
            } else if (!rule.message().isEmpty() && rule.message().isBlank()) {
                errors.add(
                        FieldError.invalid(
                                at + ".message",
                                rule.message(),
                                "message must be non-empty if specified"));
            } else if (hasNewlines(rule.message().strip())) {
                errors.add(
                        FieldError.invalid(
                                at + ".message",
                                rule.message(),
                                "message must not contain line breaks"));
            } else if (hasNewlines(rule.rule().strip()) && rule.message().isBlank()) {
                errors.add(
                        FieldError.required(
                                at + ".message",
                                "message must be specified if rule contains line breaks"));
            }
            if (!rule.messageExpression().isEmpty() && rule.messageExpression().isBlank()) {
                errors.add(
                        FieldError.required(
                                at + ".messageExpression",
                                "messageExpression must be non-empty if specified"));
            }
            if (!rule.reason().isEmpty() && !REASONS.contains(rule.reason())) {
                errors.add(FieldError.notSupported(at + ".reason", rule.reason(), REASONS));
            }
            if (!rule.fieldPath().isEmpty()
                    && FieldPaths.find(Structural.read(schema), rule.fieldPath()) == null) {
                errors.add(
                        FieldError.invalid(
                                at + ".fieldPath",
                                rule.fieldPath(),
                                "fieldPath must be a valid path"));
            }
        }
    }

    /** Compiles the rules; only for schemas that are otherwise well. */
    private void rules(ObjectNode schema, Place place, boolean isResource) {
        List<Rule> rules = Rule.all(schema);
        if (!rules.isEmpty()) {
            RuleCompiler compiler = new RuleCompiler(Structural.read(schema), isResource);
            for (int i = 0; i < rules.size(); i++) {
                String at = place.path() + ".x-kubernetes-validations[" + i + "]";
                JsonNode source = schema.path("x-kubernetes-validations").path(i);
                compiled(compiler.compile(rules.get(i)), source, at, place.uncorrelated());
            }
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        rules(property, place.below(".properties[" + entry.getKey() + "]"), false);
                    }
                });
        if (schema.path("additionalProperties") instanceof ObjectNode values) {
            rules(values, place.below(".additionalProperties"), false);
        }
        if (schema.path("items") instanceof ObjectNode items) {
            Place below = place.below(".items");
            boolean isMap = Json.text(schema, "x-kubernetes-list-type").equals("map");
            rules(items, isMap ? below : below.withoutOldValues(place.path()), false);
        }
    }

    private void compiled(
            RuleCompiler.Compiled compiled, JsonNode source, String at, String uncorrelated) {
        if (!compiled.error().isEmpty()) {
            errors.add(FieldError.invalid(at + ".rule", source, compiled.error()));
            return;
        }
        if (!compiled.messageError().isEmpty()) {
            errors.add(
                    FieldError.invalid(at + ".messageExpression", source, compiled.messageError()));
        }
        if (compiled.usesOldSelf() && !uncorrelated.isEmpty()) {
            errors.add(
                    FieldError.invalid(
                            at + ".rule",
                            compiled.rule().rule(),
                            "oldSelf cannot be used on the uncorrelatable portion of the schema"
                                    + " within "
                                    + uncorrelated));
        } else if (!compiled.usesOldSelf() && source.has("optionalOldSelf")) {
            errors.add(
                    FieldError.invalid(
                            at + ".optionalOldSelf",
                            source.path("optionalOldSelf"),
                            "may not be set if oldSelf is not used in rule"));
        }
    }

    /** The schema at a path such as {@code .spec.color}; null when there is none. */
    public static @Nullable String typeAt(ObjectNode schema, String path) {
        Structural found = FieldPaths.find(Structural.read(schema), path);
        return found == null ? null : found.type();
    }

    private static boolean hasNewlines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }
}
