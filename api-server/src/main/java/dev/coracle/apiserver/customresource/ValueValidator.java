package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds a value against the value validations of a schema, with the errors kube-apiserver gives
 * (k8s.io/kube-openapi/pkg/validation). Compiled once; immutable.
 */
final class ValueValidator {

    private final List<String> types;
    private final boolean nullable;
    private final String format;
    private final List<Keyword> keywords;
    private final Map<String, ValueValidator> properties = new LinkedHashMap<>();
    private final @Nullable ValueValidator items;
    private final @Nullable ValueValidator additional;
    private final Junctors junctors;

    ValueValidator(ObjectNode schema) {
        String type = Json.text(schema, "type");
        types =
                schema.path("x-kubernetes-int-or-string").asBoolean(false)
                        ? List.of("integer", "string")
                        : type.isEmpty() ? List.of() : List.of(type);
        nullable = schema.path("nullable").asBoolean(false);
        format = Formats.supported(Json.text(schema, "format"));
        keywords = Keyword.read(schema);
        schema.path("properties")
                .properties()
                .forEach(entry -> {
                    if (entry.getValue() instanceof ObjectNode property) {
                        properties.put(entry.getKey(), new ValueValidator(property));
                    }
                });
        items = schema.path("items") instanceof ObjectNode node ? new ValueValidator(node) : null;
        additional =
                schema.path("additionalProperties") instanceof ObjectNode node
                        ? new ValueValidator(node)
                        : null;
        junctors =
                new Junctors(
                        all(schema.path("anyOf")),
                        all(schema.path("oneOf")),
                        all(schema.path("allOf")),
                        schema.path("not") instanceof ObjectNode node
                                ? new ValueValidator(node)
                                : null);
    }

    private record Junctors(
            List<ValueValidator> anyOf,
            List<ValueValidator> oneOf,
            List<ValueValidator> allOf,
            @Nullable ValueValidator not) {}

    /** The errors found, and how much was looked at: the best of several failures says most. */
    private static final class Result {
        final List<FieldError> errors = new ArrayList<>();
        int matches;

        void merge(Result other) {
            errors.addAll(other.errors);
            matches += other.matches;
        }
    }

    private static List<ValueValidator> all(JsonNode schemas) {
        return Json.objects(schemas).stream().map(ValueValidator::new).toList();
    }

    /** Everything wrong with {@code value}, found at {@code path}. */
    List<FieldError> validate(JsonNode value, String path) {
        return check(value, path).errors;
    }

    private Result check(JsonNode value, String path) {
        Result result = new Result();
        checkType(value, path, result);
        result.matches++;
        if (!value.isNull()) {
            checkJunctors(value, path, result);
            if (value.isString() && !format.isEmpty() && !Formats.matches(format, value)) {
                result.errors.add(
                        typeError(
                                path,
                                value.asString(),
                                path
                                        + " in body must be of type "
                                        + format
                                        + ": "
                                        + Json.MAPPER.writeValueAsString(value)));
            }
        }
        for (Keyword keyword : keywords) {
            keyword.check(value, path, result.errors);
        }
        if (value instanceof ObjectNode object) {
            checkMembers(object, path, result);
        } else if (value instanceof ArrayNode array && items != null) {
            for (int i = 0; i < array.size(); i++) {
                result.merge(items.check(array.path(i), path + "[" + i + "]"));
            }
        }
        return result;
    }

    private void checkMembers(ObjectNode object, String path, Result result) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            @Nullable ValueValidator property = properties.get(member.getKey());
            @Nullable ValueValidator validator = property == null ? additional : property;
            if (validator != null) {
                String at = ValuePath.child(path, member.getKey());
                result.merge(validator.check(member.getValue(), at));
            }
        }
    }

    private void checkType(JsonNode value, String path, Result result) {
        String given = JsonType.of(value);
        boolean fits =
                types.isEmpty()
                        || types.contains(given)
                        || (given.equals("null") && nullable)
                        || (given.equals("integer") && types.contains("number"))
                        || (given.equals("number")
                                && types.contains("integer")
                                && value.decimalValue().stripTrailingZeros().scale() <= 0);
        if (!fits) {
            result.errors.add(
                    typeError(
                            path,
                            given,
                            path
                                    + " in body must be of type "
                                    + String.join(",", types)
                                    + ": \""
                                    + given
                                    + "\""));
        }
    }

    private static FieldError typeError(String path, Object value, String detail) {
        return new FieldError(path, FieldError.Type.TYPE_INVALID, value, detail);
    }

    private void checkJunctors(JsonNode value, String path, Result result) {
        if (!junctors.anyOf().isEmpty()) {
            Alternatives alternatives = Alternatives.of(junctors.anyOf(), value, path);
            if (alternatives.valid() == 0) {
                result.errors.add(unlocated(path, "must validate at least one schema (anyOf)"));
                result.merge(alternatives.best());
            }
        }
        if (!junctors.oneOf().isEmpty()) {
            Alternatives alternatives = Alternatives.of(junctors.oneOf(), value, path);
            if (alternatives.valid() != 1) {
                String found =
                        alternatives.valid() == 0
                                ? "Found none valid"
                                : "Found " + alternatives.valid() + " valid alternatives";
                result.errors.add(
                        unlocated(path, "must validate one and only one schema (oneOf). " + found));
                result.merge(alternatives.best());
            }
        }
        int valid = 0;
        for (ValueValidator each : junctors.allOf()) {
            Result one = each.check(value, path);
            valid += one.errors.isEmpty() ? 1 : 0;
            result.merge(one);
        }
        if (valid < junctors.allOf().size()) {
            result.errors.add(
                    unlocated(
                            path,
                            "must validate all the schemas (allOf)"
                                    + (valid == 0 ? ". None validated" : "")));
        }
        ValueValidator not = junctors.not();
        if (not != null && not.check(value, path).errors.isEmpty()) {
            result.errors.add(unlocated(path, "must not validate the schema (not)"));
        }
    }

    /** What several schemas say of one value; {@code best} is empty when none failed. */
    private record Alternatives(int valid, Result best) {
        static Alternatives of(List<ValueValidator> validators, JsonNode value, String path) {
            int valid = 0;
            Result best = new Result();
            for (ValueValidator validator : validators) {
                Result one = validator.check(value, path);
                if (one.errors.isEmpty()) {
                    valid++;
                } else if (best.errors.isEmpty() || one.matches > best.matches) {
                    best = one;
                }
            }
            return new Alternatives(valid, best);
        }
    }

    /** Upstream does not say where these are, but in their text. */
    private static FieldError unlocated(String path, String what) {
        return FieldError.invalid("<nil>", "", '"' + path + "\" " + what);
    }
}
