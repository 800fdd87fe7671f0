package dev.coracle.apiserver.customresource;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One value validation of a schema, such as {@code maxLength}; it passes values of other types. */
@FunctionalInterface
interface Keyword {

    void check(JsonNode value, String path, List<FieldError> errors);

    /** The keywords of a schema in the order in which kube-apiserver reports them. */
    static List<Keyword> read(ObjectNode schema) {
        List<Keyword> keywords = new ArrayList<>();
        strings(schema, keywords);
        numbers(schema, keywords);
        arrays(schema, keywords);
        enumeration(schema, keywords);
        objects(schema, keywords);
        return keywords;
    }

    private static void strings(ObjectNode schema, List<Keyword> keywords) {
        JsonNode maxLength = schema.path("maxLength");
        if (maxLength.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isString() && length(value) > maxLength.asLong()) {
                    errors.add(
                            FieldError.tooLong(
                                    path,
                                    "may not be more than " + count(maxLength.asLong(), "byte")));
                }
            });
        }
        JsonNode minLength = schema.path("minLength");
        if (minLength.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isString() && length(value) < minLength.asLong()) {
                    errors.add(
                            FieldError.invalid(
                                    path,
                                    value,
                                    path
                                            + " in body should be at least "
                                            + minLength.asLong()
                                            + " chars long"));
                }
            });
        }
        String pattern = Json.text(schema, "pattern");
        if (!pattern.isEmpty()) {
            keywords.add(matching(pattern));
        }
    }

    private static Keyword matching(String pattern) {
        try {
            Pattern compiled = Pattern.compile(pattern);
            return (value, path, errors) -> {
                if (value.isString() && !compiled.matcher(value.asString()).find()) {
                    errors.add(
                            FieldError.invalid(
                                    path, value, path + " in body should match '" + pattern + "'"));
                }
            };
        } catch (PatternSyntaxException e) {
            // refused with the schema
            return (_, _, _) -> {};
        }
    }

    private static void numbers(ObjectNode schema, List<Keyword> keywords) {
        String type = Json.text(schema, "type");
        if (type.equals("integer") && Json.text(schema, "format").equals("int32")) {
            keywords.add((value, _, errors) -> {
                if (value.isNumber() && !value.canConvertToInt()) {
                    errors.add(
                            FieldError.invalid(
                                    "<nil>",
                                    "",
                                    "Checked value must be of type integer with format int32"));
                }
            });
        }
        JsonNode multipleOf = schema.path("multipleOf");
        if (multipleOf.isNumber() && multipleOf.decimalValue().signum() > 0) {
            keywords.add((value, path, errors) -> {
                if (value.isNumber() && !isMultiple(value, multipleOf)) {
                    errors.add(number(path, value, "a multiple of", multipleOf));
                }
            });
        }
        JsonNode maximum = schema.path("maximum");
        if (maximum.isNumber()) {
            boolean exclusive = schema.path("exclusiveMaximum").asBoolean(false);
            keywords.add((value, path, errors) -> {
                if (value.isNumber()) {
                    int order = value.decimalValue().compareTo(maximum.decimalValue());
                    if (order > 0 || (exclusive && order == 0)) {
                        String what = exclusive ? "less than" : "less than or equal to";
                        errors.add(number(path, value, what, maximum));
                    }
                }
            });
        }
        JsonNode minimum = schema.path("minimum");
        if (minimum.isNumber()) {
            boolean exclusive = schema.path("exclusiveMinimum").asBoolean(false);
            keywords.add((value, path, errors) -> {
                if (value.isNumber()) {
                    int order = value.decimalValue().compareTo(minimum.decimalValue());
                    if (order < 0 || (exclusive && order == 0)) {
                        String what = exclusive ? "greater than" : "greater than or equal to";
                        errors.add(number(path, value, what, minimum));
                    }
                }
            });
        }
    }

    private static void arrays(ObjectNode schema, List<Keyword> keywords) {
        JsonNode minItems = schema.path("minItems");
        if (minItems.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isArray() && value.size() < minItems.asLong()) {
                    errors.add(tooFew(path, value, minItems.asLong(), "items"));
                }
            });
        }
        JsonNode maxItems = schema.path("maxItems");
        if (maxItems.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isArray() && value.size() > maxItems.asLong()) {
                    errors.add(tooMany(path, value, maxItems.asLong()));
                }
            });
        }
    }

    private static void enumeration(ObjectNode schema, List<Keyword> keywords) {
        JsonNode values = schema.path("enum");
        if (!values.isArray() || values.isEmpty()) {
            return;
        }
        List<String> supported = new ArrayList<>();
        values.forEach(value -> supported.add('"' + value.asString(value.toString()) + '"'));
        boolean nullable = schema.path("nullable").asBoolean(false);
        keywords.add((value, path, errors) -> {
            for (JsonNode allowed : values) {
                if (isSame(allowed, value)) {
                    return;
                }
            }
            if (nullable && value.isNull()) {
                return;
            }
            errors.add(
                    new FieldError(
                            path,
                            FieldError.Type.NOT_SUPPORTED,
                            value.isNull() ? "null" : value,
                            "supported values: " + String.join(", ", supported)));
        });
    }

    private static void objects(ObjectNode schema, List<Keyword> keywords) {
        JsonNode minProperties = schema.path("minProperties");
        if (minProperties.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isObject() && value.size() < minProperties.asLong()) {
                    errors.add(tooFew(path, value, minProperties.asLong(), "properties"));
                }
            });
        }
        JsonNode maxProperties = schema.path("maxProperties");
        if (maxProperties.canConvertToLong()) {
            keywords.add((value, path, errors) -> {
                if (value.isObject() && value.size() > maxProperties.asLong()) {
                    errors.add(tooMany(path, value, maxProperties.asLong()));
                }
            });
        }
        for (String name : Json.texts(schema.path("required"))) {
            keywords.add((value, path, errors) -> {
                if (value.isObject() && !value.has(name)) {
                    errors.add(FieldError.required(ValuePath.child(path, name), ""));
                }
            });
        }
    }

    private static boolean isMultiple(JsonNode value, JsonNode factor) {
        BigDecimal number = value.decimalValue();
        BigDecimal unit = factor.decimalValue();
        // exactness has its price: digits far behind the point are not worth it
        return (Math.abs(number.scale()) > 400 || Math.abs(unit.scale()) > 400)
                ? number.doubleValue() % unit.doubleValue() == 0
                : number.remainder(unit).signum() == 0;
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        return (one.isNumber() && other.isNumber())
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    private static FieldError number(String path, JsonNode value, String what, JsonNode limit) {
        return FieldError.invalid(
                path, value, path + " in body should be " + what + " " + plain(limit));
    }

    private static String plain(JsonNode number) {
        BigDecimal value = number.decimalValue().stripTrailingZeros();
        return Math.abs(value.scale()) > 100 ? value.toString() : value.toPlainString();
    }

    private static FieldError tooFew(String path, JsonNode value, long min, String what) {
        return FieldError.invalid(
                path, value.size(), path + " in body should have at least " + min + " " + what);
    }

    private static FieldError tooMany(String path, JsonNode value, long max) {
        return new FieldError(
                path,
                FieldError.Type.TOO_MANY,
                value.size(),
                "must have at most " + count(max, "item"));
    }

    private static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }

    private static int length(JsonNode text) {
        String value = text.asString();
        return value.codePointCount(0, value.length());
    }
}
