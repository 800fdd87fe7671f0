package dev.coracle.apiserver.customresource.rule;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Evaluates the rules of one schema node on one value. */
final class RuleEvaluation {

    private static final int MAX_MESSAGE_CHARS = 5 * 1024;
    private static final String NO_MORE = "no further validation rules will be run";

    private final Structural schema;
    private final List<RuleCompiler.Compiled> rules;
    private final Budget budget;

    RuleEvaluation(Structural schema, List<RuleCompiler.Compiled> rules, Budget budget) {
        this.schema = schema;
        this.rules = rules;
        this.budget = budget;
    }

    /**
     * Adds what is wrong to {@code errors}.
     *
     * @param unchanged whether the value, or what holds it, is as it was
     * @return false when the budget is spent
     */
    boolean run(
            JsonNode value,
            @Nullable JsonNode old,
            boolean unchanged,
            String path,
            List<FieldError> errors) {
        if (budget.isSpent()) {
            errors.add(spent(path));
            return false;
        }
        Object self = RuleValues.of(value, schema);
        for (RuleCompiler.Compiled compiled : rules) {
            CelRuntime.Program program = compiled.program();
            if (program == null) {
                errors.add(invalid(path, "rule compile error: " + compiled.error()));
                continue;
            }
            Rule rule = compiled.rule();
            if (compiled.usesOldSelf() && old == null && !rule.optionalOldSelf()) {
                continue;
            }
            Map<String, Object> variables = variables(self, old, rule.optionalOldSelf());
            try {
                budget.startCall();
                if (Boolean.TRUE.equals(program.trace(variables, budget))) {
                    continue;
                }
                if (compiled.usesOldSelf() || !unchanged) {
                    errors.add(failure(compiled, variables, path));
                }
            } catch (CelEvaluationException | RuntimeException e) {
                if (budget.isCallSpent()) {
                    errors.add(
                            invalid(
                                    path,
                                    "'operation cancelled: actual cost limit exceeded': "
                                            + NO_MORE
                                            + " due to call cost exceeds limit for rule: "
                                            + rule.label()));
                    return false;
                } else if (budget.isSpent()) {
                    errors.add(spent(path));
                    return false;
                }
                errors.add(
                        invalid(
                                path,
                                EvaluationErrors.text(e) + " evaluating rule: " + rule.label()));
            }
        }
        return true;
    }

    private Map<String, Object> variables(Object self, @Nullable JsonNode old, boolean optional) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("self", self);
        if (old != null) {
            Object oldSelf = RuleValues.of(old, schema);
            variables.put("oldSelf", optional ? Optional.of(oldSelf) : oldSelf);
        } else if (optional) {
            variables.put("oldSelf", Optional.empty());
        }
        return variables;
    }

    private FieldError failure(
            RuleCompiler.Compiled compiled, Map<String, Object> variables, String path) {
        Rule rule = compiled.rule();
        String detail =
                rule.message().isBlank()
                        ? "failed rule: " + rule.rule().strip()
                        : rule.message().strip();
        CelRuntime.Program message = compiled.message();
        if (message != null) {
            detail = message(message, variables).orElse(detail);
        }
        String field = FieldPaths.below(path, rule.fieldPath());
        return switch (rule.reason()) {
            case "FieldValueForbidden" -> FieldError.forbidden(field, detail);
            case "FieldValueRequired" -> FieldError.required(field, detail);
            case "FieldValueDuplicate" -> FieldError.duplicate(field, schema.type());
            default -> invalid(field, detail);
        };
    }

    /** The text of a messageExpression; empty when it fails or gives nothing printable. */
    private Optional<String> message(CelRuntime.Program program, Map<String, Object> variables) {
        try {
            budget.startCall();
            if (program.trace(variables, budget) instanceof String text) {
                String stripped = text.strip();
                if (!stripped.isEmpty()
                        && stripped.length() <= MAX_MESSAGE_CHARS
                        && stripped.indexOf('\n') < 0) {
                    return Optional.of(stripped);
                }
            }
            return Optional.empty();
        } catch (CelEvaluationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private FieldError invalid(String path, String detail) {
        return FieldError.invalid(path.isEmpty() ? "<nil>" : path, schema.type(), detail);
    }

    private FieldError spent(String path) {
        return invalid(path, "validation failed due to running out of cost budget, " + NO_MORE);
    }
}
