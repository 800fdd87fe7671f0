package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The node labels a pod insists on: {@code nodeSelector} and required node affinity. */
final class NodeAffinityTerms {

    private NodeAffinityTerms() {}

    static boolean accept(Pod pod, NodeState node) {
        Map<String, String> selector = pod.getSpec().getNodeSelector();
        if (selector != null && !node.labels().entrySet().containsAll(selector.entrySet())) {
            return false;
        }
        var affinity = pod.getSpec().getAffinity();
        if (affinity == null || affinity.getNodeAffinity() == null) {
            return true;
        }
        NodeSelector required =
                affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        return required == null || accept(required, node);
    }

    static boolean accept(NodeSelector required, NodeState node) {
        return required.getNodeSelectorTerms().stream().anyMatch(term -> holds(term, node));
    }

    /** The sum of the weights of the preferred terms that a node fulfils. */
    static long preference(Pod pod, NodeState node) {
        var affinity = pod.getSpec().getAffinity();
        if (affinity == null || affinity.getNodeAffinity() == null) {
            return 0;
        }
        List<PreferredSchedulingTerm> terms =
                affinity.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution();
        return terms == null
                ? 0
                : terms.stream()
                        .filter(term -> holds(term.getPreference(), node))
                        .mapToLong(PreferredSchedulingTerm::getWeight)
                        .sum();
    }

    private static boolean holds(NodeSelectorTerm term, NodeState node) {
        var expressions = orEmpty(term.getMatchExpressions());
        var fields = orEmpty(term.getMatchFields());
        return !(expressions.isEmpty() && fields.isEmpty())
                && expressions.stream().allMatch(e -> holds(e, node.labels()))
                && fields.stream().allMatch(e -> holds(e, Map.of("metadata.name", node.name())));
    }

    private static boolean holds(NodeSelectorRequirement expression, Map<String, String> labels) {
        String value = labels.get(expression.getKey());
        List<String> values = expression.getValues() == null ? List.of() : expression.getValues();
        return switch (expression.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> compare(value, values) > 0;
            case "Lt" -> compare(value, values) < 0;
            case String operator ->
                    throw new IllegalArgumentException(
                            "unknown node selector operator '" + operator + "'");
        };
    }

    /** Zero also if one is not a number. */
    private static int compare(@Nullable String value, List<String> values) {
        if (value == null || values.isEmpty()) {
            return 0;
        }
        try {
            return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static List<NodeSelectorRequirement> orEmpty(List<NodeSelectorRequirement> list) {
        return list == null ? List.of() : list;
    }
}
