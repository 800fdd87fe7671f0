package dev.coracle.apiserver.registry.validation;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** meta/v1 LabelSelectors inside objects. */
public final class Selectors {

    private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

    private Selectors() {}

    public static List<FieldError> validate(JsonNode selector, String path) {
        List<FieldError> errors =
                new ArrayList<>(
                        Metadata.labels(selector.path("matchLabels"), path + ".matchLabels"));
        int i = 0;
        for (ObjectNode expression : Json.objects(selector.path("matchExpressions"))) {
            String at = path + ".matchExpressions[" + i++ + "]";
            String operator = Json.text(expression, "operator");
            boolean valued = !expression.path("values").isEmpty();
            if (!OPERATORS.contains(operator)) {
                errors.add(
                        FieldError.invalid(
                                at + ".operator", operator, "not a valid selector operator"));
            } else if (operator.endsWith("In") && !valued) {
                errors.add(
                        FieldError.required(
                                at + ".values",
                                "must be specified when `operator` is 'In' or 'NotIn'"));
            } else if (!operator.endsWith("In") && valued) {
                errors.add(
                        FieldError.forbidden(
                                at + ".values",
                                "may not be specified when `operator` is 'Exists' or"
                                        + " 'DoesNotExist'"));
            }
        }
        return errors;
    }

    public static boolean isEmpty(JsonNode selector) {
        return selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty();
    }

    public static boolean matches(JsonNode selector, Map<String, String> labels) {
        for (Map.Entry<String, String> label :
                Json.textMap(selector.path("matchLabels")).entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        for (ObjectNode expression : Json.objects(selector.path("matchExpressions"))) {
            String value = labels.get(Json.text(expression, "key"));
            List<String> values = Json.texts(expression.path("values"));
            boolean matches =
                    switch (Json.text(expression, "operator")) {
                        case "In" -> value != null && values.contains(value);
                        case "NotIn" -> value == null || !values.contains(value);
                        case "Exists" -> value != null;
                        default -> value == null;
                    };
            if (!matches) {
                return false;
            }
        }
        return true;
    }

    /** {@code a=b,c in (d,e)}, as a label selector parameter; {@code <none>} when empty. */
    public static String print(JsonNode selector) {
        List<String> parts = new ArrayList<>();
        Json.textMap(selector.path("matchLabels"))
                .forEach((key, value) -> parts.add(key + "=" + value));
        for (ObjectNode expression : Json.objects(selector.path("matchExpressions"))) {
            String key = Json.text(expression, "key");
            String values = "(" + String.join(",", Json.texts(expression.path("values"))) + ")";
            parts.add(
                    switch (Json.text(expression, "operator")) {
                        case "In" -> key + " in " + values;
                        case "NotIn" -> key + " notin " + values;
                        case "Exists" -> key;
                        default -> "!" + key;
                    });
        }
        return parts.isEmpty() ? "<none>" : String.join(",", parts);
    }

    /** {@code a=b,c=d}; {@code <none>} when empty. */
    public static String printLabels(JsonNode labels) {
        List<String> parts = new ArrayList<>();
        Json.textMap(labels).forEach((key, value) -> parts.add(key + "=" + value));
        return parts.isEmpty() ? "<none>" : String.join(",", parts);
    }
}
