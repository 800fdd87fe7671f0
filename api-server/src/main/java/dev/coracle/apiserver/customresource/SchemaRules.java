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
import java.util.TreeMap;
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

    private static final Map<String, String> KEYWORD_TYPES =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("type", "string"),
                            Map.entry("format", "string"),
                            Map.entry("pattern", "string"),
                            Map.entry("properties", "object"),
                            Map.entry("required", "array"),
                            Map.entry("enum", "array"),
                            Map.entry("allOf", "array"),
                            Map.entry("anyOf", "array"),
                            Map.entry("oneOf", "array"),
                            Map.entry("not", "object"),
                            Map.entry("nullable", "boolean"),
                            Map.entry("maxLength", "integer"),
                            Map.entry("minLength", "integer"),
                            Map.entry("maxItems", "integer"),
                            Map.entry("minItems", "integer"),
                            Map.entry("maxProperties", "integer"),
                            Map.entry("minProperties", "integer"),
                            Map.entry("x-kubernetes-list-map-keys", "array"),
                            Map.entry("x-kubernetes-list-type", "string"),
                            Map.entry("x-kubernetes-map-type", "string"),
                            Map.entry("x-kubernetes-preserve-unknown-fields", "boolean"),
                            Map.entry("x-kubernetes-embedded-resource", "boolean"),
                            Map.entry("x-kubernetes-int-or-string", "boolean"),
                            Map.entry("x-kubernetes-validations", "array")));

    private final List<FieldError> errors = new ArrayList<>();
    private final CostLimits costs = new CostLimits();

    private SchemaRules() {}

    /**
     * What the walk knows of the place it is at.
     *
     * @param most how many values there can be, by the limits of the lists and maps around; {@link
     *     CostLimits#UNBOUNDED} when one has none
     */
    private record Place(
            String path, boolean isRoot, String noDefaults, String uncorrelated, long most) {

        static Place root(String path) {
            return new Place(path, true, "", "", 1);
        }

        Place below(String step) {
            return new Place(path + step, false, noDefaults, uncorrelated, most);
        }

        Place withoutDefaults(String why) {
            return new Place(path, isRoot, why, uncorrelated, most);
        }

        /** Old values cannot be found below {@code at}. */
        Place withoutOldValues(String at) {
            return uncorrelated.isEmpty() ? new Place(path, isRoot, noDefaults, at, most) : this;
        }

        /** In a list or a map with this many entries at most. */
        Place each(JsonNode limit) {
            return new Place(path, isRoot, noDefaults, uncorrelated, CostLimits.times(most, limit));
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
        rules.node(schema, Place.root(path));
        if (structural && rules.errors.isEmpty()) {
            rules.rules(schema, Place.root(path), true);
            rules.costs.checkTotal(path, rules.errors);
        }
        return rules.errors;
    }

    private void node(ObjectNode schema, Place place) {
        String path = place.path();
        String type = Json.text(schema, "type");
        keywords(schema, type, place);
        errors.addAll(MergeRules.check(schema, type, path));
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
        KEYWORD_TYPES.forEach((keyword, wanted) -> {
            JsonNode value = schema.path(keyword);
            if (!value.isMissingNode() && !wanted.equals(JsonType.of(value))) {
                errors.add(
                        FieldError.invalid(
                                path + "." + keyword, value, "must be of type " + wanted));
            }
        });
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
                RuleCompiler.Compiled compiled = compiler.compile(rules.get(i));
                compiled(compiled, source, at, place.uncorrelated());
                long most =
                        place.most() == CostLimits.UNBOUNDED
                                ? compiler.mostInRequest()
                                : place.most();
                costs.check(compiled, most, at, errors);
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
            Place each = place.each(schema.path("maxProperties"));
            rules(values, each.below(".additionalProperties"), false);
        }
        if (schema.path("items") instanceof ObjectNode items) {
            Place below = place.each(schema.path("maxItems")).below(".items");
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
