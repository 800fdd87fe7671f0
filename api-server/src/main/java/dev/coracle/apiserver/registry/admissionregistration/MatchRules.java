package dev.coracle.apiserver.registry.admissionregistration;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which requests a webhook or policy is about. */
final class MatchRules {

    private static final String[] OPERATIONS = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};
    private static final int MAX_CONDITIONS = 64;

    private MatchRules() {}

    static void applyDefaults(JsonNode rules) {
        Json.objects(rules).forEach(rule -> Json.setDefault(rule, "scope", "*"));
    }

    /**
     * The defaults of a policy's {@code matchConstraints} or a binding's {@code matchResources}.
     */
    static void applyResourceDefaults(JsonNode resources) {
        if (resources instanceof ObjectNode match) {
            Json.setDefault(match, "matchPolicy", "Equivalent");
            Json.object(match, "namespaceSelector");
            Json.object(match, "objectSelector");
            applyDefaults(match.path("resourceRules"));
            applyDefaults(match.path("excludeResourceRules"));
        }
    }

    static void check(Check rule) {
        rule.required("operations").eachSupported("operations", OPERATIONS);
        alone(rule, "operations", "if '*' is present, must not specify other operations");
        rule.required("apiGroups");
        alone(rule, "apiGroups", "if '*' is present, must not specify other API groups");
        rule.required("apiVersions");
        alone(rule, "apiVersions", "if '*' is present, must not specify other API versions");
        rule.required("resources").supported("scope", "*", "Cluster", "Namespaced");
        rule.each(
                "resources",
                resource -> {
                    if (resource.node().asString("").isEmpty()) {
                        resource.invalid("must not be empty");
                    }
                });
    }

    static void checkResources(Check match) {
        match.supported("matchPolicy", "Equivalent", "Exact")
                .selector("namespaceSelector")
                .selector("objectSelector")
                .each("resourceRules", MatchRules::check)
                .each("excludeResourceRules", MatchRules::check);
    }

    /** Conditions of a webhook; of their expressions the syntax is checked. */
    static void conditions(Check holder) {
        conditions(holder, condition -> Expressions.check(condition, "expression"));
    }

    static void conditions(Check holder, Consumer<Check> expression) {
        if (holder.node().path("matchConditions").size() > MAX_CONDITIONS) {
            holder.add(
                    new FieldError(
                            holder.path("matchConditions"),
                            FieldError.Type.TOO_MANY,
                            holder.node().path("matchConditions").size(),
                            "must have at most " + MAX_CONDITIONS + " items"));
        }
        Set<String> names = new HashSet<>();
        holder.each(
                "matchConditions",
                condition -> {
                    condition
                            .required("name")
                            .shaped("name", Names::qualifiedName)
                            .unique("name", names)
                            .required("expression");
                    expression.accept(condition);
                });
    }

    private static void alone(Check rule, String member, String detail) {
        List<String> values = Json.texts(rule.node().path(member));
        if (values.size() > 1 && values.contains("*")) {
            rule.invalid(member, detail);
        }
    }
}
