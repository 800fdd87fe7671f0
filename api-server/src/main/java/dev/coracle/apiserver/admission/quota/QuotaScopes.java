package dev.coracle.apiserver.admission.quota;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which objects a quota's scopes are about; a quota with scopes is about pods only. */
final class QuotaScopes {

    private QuotaScopes() {}

    static boolean include(ApiObject quota, ResourceDefinition resource, ApiObject object) {
        List<String> scopes = Json.texts(quota.at("spec.scopes"));
        List<ObjectNode> terms = Json.objects(quota.at("spec.scopeSelector.matchExpressions"));
        if (scopes.isEmpty() && terms.isEmpty()) {
            return true;
        }
        return resource.group().isEmpty()
                && resource.plural().equals(Usage.PODS)
                && scopes.stream().allMatch(scope -> holds(scope, "Exists", List.of(), object))
                && terms.stream()
                        .allMatch(term ->
                                holds(
                                        Json.text(term, "scopeName"),
                                        Json.text(term, "operator"),
                                        Json.texts(term.path("values")),
                                        object));
    }

    private static boolean holds(
            String scope, String operator, List<String> values, ApiObject pod) {
        boolean ends = pod.at("spec.activeDeadlineSeconds").isNumber();
        boolean bestEffort = pod.text("status.qosClass").equals("BestEffort");
        return switch (scope) {
            case "Terminating" -> ends;
            case "NotTerminating" -> !ends;
            case "BestEffort" -> bestEffort;
            case "NotBestEffort" -> !bestEffort;
            case "CrossNamespacePodAffinity" -> looksIntoOtherNamespaces(pod);
            case "PriorityClass" -> {
                String priority = pod.text("spec.priorityClassName");
                yield switch (operator) {
                    case "In" -> values.contains(priority);
                    case "NotIn" -> !values.contains(priority);
                    case "DoesNotExist" -> priority.isEmpty();
                    case String _ -> !priority.isEmpty();
                };
            }
            case String _ -> false;
        };
    }

    private static boolean looksIntoOtherNamespaces(ApiObject pod) {
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            JsonNode affinity = pod.at("spec.affinity." + kind);
            for (ObjectNode term :
                    Json.objects(affinity.path("requiredDuringSchedulingIgnoredDuringExecution"))) {
                if (isWide(term)) {
                    return true;
                }
            }
            for (ObjectNode term :
                    Json.objects(
                            affinity.path("preferredDuringSchedulingIgnoredDuringExecution"))) {
                if (isWide(term.path("podAffinityTerm"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isWide(JsonNode term) {
        return term.path("namespaces").size() > 0 || term.path("namespaceSelector").isObject();
    }
}
