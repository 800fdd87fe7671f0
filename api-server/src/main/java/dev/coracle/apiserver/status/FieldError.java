package dev.coracle.apiserver.status;

import dev.coracle.apiserver.object.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One thing wrong with one field.
 *
 * @param field the path as Kubernetes writes it, for instance {@code spec.ports[0].nodePort}
 * @param value what was given; null where the value says nothing (required, forbidden)
 * @param detail what was expected; may be empty
 */
public record FieldError(String field, Type type, @Nullable Object value, String detail) {

    /** The kinds of field errors of {@code k8s.io/apimachinery/pkg/util/validation/field}. */
    public enum Type {
        REQUIRED("Required value", "FieldValueRequired"),
        INVALID("Invalid value", "FieldValueInvalid"),
        /** A value of another JSON type; it reads as INVALID but has a reason of its own. */
        TYPE_INVALID("Invalid value", "FieldValueTypeInvalid"),
        DUPLICATE("Duplicate value", "FieldValueDuplicate"),
        NOT_SUPPORTED("Unsupported value", "FieldValueNotSupported"),
        FORBIDDEN("Forbidden", "FieldValueForbidden"),
        NOT_FOUND("Not found", "FieldValueNotFound"),
        TOO_LONG("Too long", "FieldValueTooLong"),
        TOO_MANY("Too many", "FieldValueTooMany");

        private final String text;
        private final String reason;

        Type(String text, String reason) {
            this.text = text;
            this.reason = reason;
        }

        /** The machine-readable reason in {@code details.causes}. */
        public String reason() {
            return reason;
        }
    }

    public static FieldError required(String field, String detail) {
        return new FieldError(field, Type.REQUIRED, null, detail);
    }

    public static FieldError invalid(String field, Object value, String detail) {
        return new FieldError(field, Type.INVALID, value, detail);
    }

    public static FieldError duplicate(String field, Object value) {
        return new FieldError(field, Type.DUPLICATE, value, "");
    }

    public static FieldError forbidden(String field, String detail) {
        return new FieldError(field, Type.FORBIDDEN, null, detail);
    }

    public static FieldError tooLong(String field, String detail) {
        return new FieldError(field, Type.TOO_LONG, null, detail);
    }

    public static FieldError notSupported(String field, Object value, List<String> supported) {
        String list =
                supported.stream()
                        .sorted()
                        .map(text -> '"' + text + '"')
                        .collect(Collectors.joining(", "));
        return new FieldError(field, Type.NOT_SUPPORTED, value, "supported values: " + list);
    }

    /** Without the field: {@code Invalid value: 7: must be ...}. */
    public String message() {
        StringBuilder text = new StringBuilder(type.text);
        if (value != null) {
            text.append(": ").append(printed(value));
        }
        if (!detail.isEmpty()) {
            text.append(": ").append(detail);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return field + ": " + message();
    }

    private static String printed(Object value) {
        return switch (value) {
            case JsonNode node -> Json.MAPPER.writeValueAsString(node);
            case String text -> Json.MAPPER.writeValueAsString(text);
            default -> value.toString();
        };
    }
}
