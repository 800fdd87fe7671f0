package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.customresource.rule.PolicyExpression;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy with its expressions compiled. Immutable.
 *
 * @param variables by name, in their order: each may use those before it
 * @param ignoresFailures whether an expression that fails lets the request pass
 */
record CompiledPolicy(
        String name,
        JsonNode constraints,
        Map<String, PolicyExpression> variables,
        List<PolicyExpression> conditions,
        List<Validation> validations,
        ObjectNode paramKind,
        boolean ignoresFailures) {

    /**
     * One thing that must hold.
     *
     * @param message or empty
     * @param messageExpression null when there is none
     */
    record Validation(
            PolicyExpression expression,
            String message,
            @Nullable PolicyExpression messageExpression,
            String reason) {}

    static CompiledPolicy of(ApiObject policy) {
        JsonNode spec = policy.at("spec");
        Map<String, PolicyExpression> variables = new LinkedHashMap<>();
        for (ObjectNode variable : Json.objects(spec.path("variables"))) {
            variables.put(
                    Json.text(variable, "name"),
                    PolicyExpression.compile(
                            Json.text(variable, "expression"), variables.keySet()));
        }
        List<PolicyExpression> conditions = new ArrayList<>();
        for (ObjectNode condition : Json.objects(spec.path("matchConditions"))) {
            conditions.add(
                    PolicyExpression.compile(
                            Json.text(condition, "expression"), variables.keySet()));
        }
        List<Validation> validations = new ArrayList<>();
        for (ObjectNode validation : Json.objects(spec.path("validations"))) {
            String message = Json.text(validation, "messageExpression");
            validations.add(
                    new Validation(
                            PolicyExpression.compile(
                                    Json.text(validation, "expression"), variables.keySet()),
                            Json.text(validation, "message").strip(),
                            message.isBlank()
                                    ? null
                                    : PolicyExpression.compile(message, variables.keySet()),
                            Json.text(validation, "reason")));
        }
        return new CompiledPolicy(
                policy.name(),
                spec.path("matchConstraints"),
                Collections.unmodifiableMap(variables),
                conditions,
                validations,
                spec.path("paramKind") instanceof ObjectNode kind ? kind : Json.newObject(),
                Json.text(spec, "failurePolicy").equals("Ignore"));
    }
}
