package dev.coracle.controllers.ownership;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;

/** Label selectors, as the API defines them. */
public final class Selectors {

    private Selectors() {}

    /** An empty selector selects nothing here: no loop may own the whole namespace by mistake. */
    public static boolean selects(LabelSelector selector, Map<String, String> labels) {
        return !isEmpty(selector) && matches(selector, labels);
    }

    private static boolean isEmpty(LabelSelector selector) {
        return (selector.getMatchLabels() == null || selector.getMatchLabels().isEmpty())
                && (selector.getMatchExpressions() == null
                        || selector.getMatchExpressions().isEmpty());
    }

    /** An empty selector matches everything, as the API says. */
    public static boolean matches(LabelSelector selector, Map<String, String> labels) {
        Map<String, String> exact = selector.getMatchLabels();
        List<LabelSelectorRequirement> expressions = selector.getMatchExpressions();
        return (exact == null || labels.entrySet().containsAll(exact.entrySet()))
                && (expressions == null || expressions.stream().allMatch(e -> holds(e, labels)));
    }

    /** The labels of {@code object}, never null. */
    public static Map<String, String> labels(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static boolean holds(LabelSelectorRequirement expression, Map<String, String> labels) {
        String value = labels.get(expression.getKey());
        List<String> values = expression.getValues() == null ? List.of() : expression.getValues();
        return switch (expression.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case String operator ->
                    throw new IllegalArgumentException(
                            "unknown selector operator '" + operator + "'");
        };
    }
}
