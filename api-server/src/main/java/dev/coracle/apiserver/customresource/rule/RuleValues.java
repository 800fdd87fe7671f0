package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.object.Json;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** JSON as CEL values, typed by its schema. A text that is not of its format stays a text. */
final class RuleValues {

    private RuleValues() {}

    /**
     * Converts a value; objects become maps with the identifiers of their properties as keys.
     *
     * @param schema null for a value of any shape
     */
    static Object of(JsonNode value, @Nullable Structural schema) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> object(value, schema);
            case ARRAY -> {
                List<Object> list = new ArrayList<>(value.size());
                @Nullable Structural items = schema == null ? null : schema.items();
                value.forEach(item -> list.add(of(item, items)));
                yield list;
            }
            case STRING, BINARY -> text(value.asString(), schema);
            case NUMBER -> number(value, schema);
            case BOOLEAN -> value.asBoolean();
            case NULL, MISSING -> NullValue.NULL_VALUE;
        };
    }

    private static Map<String, Object> object(JsonNode value, @Nullable Structural schema) {
        Map<String, Object> map = new LinkedHashMap<>();
        boolean isStruct = schema != null && schema.additional() == null;
        value.properties()
                .forEach(entry -> {
                    String name = entry.getKey();
                    @Nullable Structural member =
                            schema == null
                                    ? null
                                    : isStruct
                                            ? schema.properties().get(name)
                                            : schema.additional();
                    String key = isStruct ? PropertyNames.escape(name).orElse(name) : name;
                    map.put(key, of(entry.getValue(), member));
                });
        return map;
    }

    private static Object number(JsonNode value, @Nullable Structural schema) {
        boolean isInteger = value.isIntegralNumber();
        if (schema != null && schema.type().equals("number")) {
            isInteger = false;
        } else if (schema != null && schema.type().equals("integer")) {
            isInteger = true;
        }
        if (isInteger && value.canConvertToLong()) {
            return value.decimalValue().longValue();
        }
        return value.decimalValue().doubleValue();
    }

    private static Object text(String text, @Nullable Structural schema) {
        if (schema == null || !schema.type().equals("string")) {
            return text;
        }
        String format = Json.text(schema.source(), "format");
        CelType type = RuleTypes.text(format);
        try {
            if (type.equals(SimpleType.TIMESTAMP)) {
                return timestamp(text, format);
            } else if (type.equals(SimpleType.DURATION)) {
                return duration(text);
            } else if (type.equals(SimpleType.BYTES)) {
                return CelByteString.of(Base64.getDecoder().decode(text));
            }
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
            return text;
        }
        return text;
    }

    private static Instant timestamp(String text, String format) {
        return format.equals("date")
                ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                : OffsetDateTime.parse(text).toInstant();
    }

    /** {@code 1h30m}, as Go writes durations. */
    private static Duration duration(String text) {
        java.util.regex.Matcher part =
                java.util.regex.Pattern.compile("([0-9]*\\.?[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
                        .matcher(text);
        java.math.BigDecimal nanos = java.math.BigDecimal.ZERO;
        while (part.find()) {
            long unit =
                    switch (part.group(2)) {
                        case "ns" -> 1L;
                        case "ms" -> 1_000_000L;
                        case "s" -> 1_000_000_000L;
                        case "m" -> 60_000_000_000L;
                        case "h" -> 3_600_000_000_000L;
                        default -> 1_000L;
                    };
            nanos =
                    nanos.add(
                            new java.math.BigDecimal(part.group(1))
                                    .multiply(java.math.BigDecimal.valueOf(unit)));
        }
        Duration duration = Duration.ofNanos(nanos.toBigInteger().longValueExact());
        return text.startsWith("-") ? duration.negated() : duration;
    }
}
