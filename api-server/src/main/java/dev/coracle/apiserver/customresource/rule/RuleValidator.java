package dev.coracle.apiserver.customresource.rule;

import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The compiled rules of a schema, in the schema's shape. Immutable; thread-safe.
 *
 * <p>A rule that reads {@code oldSelf} is evaluated where the old value can be found: below members
 * of objects and items of {@code map} lists. An error about a value that an update leaves alone is
 * not reported.
 */
public final class RuleValidator {

    private final Structural schema;
    private final List<RuleCompiler.Compiled> rules;
    private final Map<String, RuleValidator> properties;
    private final @Nullable RuleValidator items;
    private final @Nullable RuleValidator additional;

    private RuleValidator(Structural schema, boolean isResource) {
        this.schema = schema;
        rules = compileRules(schema, isResource);
        properties = new LinkedHashMap<>();
        schema.properties()
                .forEach((name, property) -> {
                    RuleValidator validator = new RuleValidator(property, false);
                    if (!validator.isEmpty()) {
                        properties.put(name, validator);
                    }
                });
        items = below(schema.items());
        additional = below(schema.additional());
    }

    private static @Nullable RuleValidator below(@Nullable Structural schema) {
        if (schema == null) {
            return null;
        }
        RuleValidator validator = new RuleValidator(schema, false);
        return validator.isEmpty() ? null : validator;
    }

    private static List<RuleCompiler.Compiled> compileRules(Structural schema, boolean isResource) {
        List<Rule> rules = Rule.all(schema.source());
        if (rules.isEmpty()) {
            return List.of();
        }
        RuleCompiler compiler = new RuleCompiler(schema, isResource);
        return rules.stream().map(compiler::compile).toList();
    }

    /** Compiles the rules of a resource's schema. */
    public static RuleValidator compile(ObjectNode schema) {
        return new RuleValidator(Structural.read(schema), true);
    }

    /** Whether there is no rule at all. */
    public boolean isEmpty() {
        return rules.isEmpty() && properties.isEmpty() && items == null && additional == null;
    }

    /** What is wrong with an object; {@code old} is what it replaces, or null. */
    public List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old) {
        List<FieldError> errors = new ArrayList<>();
        Walk walk = new Walk(errors, new Budget());
        visit(object, old, false, "", walk);
        return errors;
    }

    private record Walk(List<FieldError> errors, Budget budget) {}

    /** Returns false when the budget is spent and nothing more is to be evaluated. */
    private boolean visit(
            JsonNode value, @Nullable JsonNode old, boolean unchanged, String path, Walk walk) {
        boolean same = unchanged || (old != null && old.equals(value));
        if (value.isNull()) {
            return true;
        }
        if (!rules.isEmpty()
                && !new RuleEvaluation(schema, rules, walk.budget())
                        .run(value, old, same, path, walk.errors())) {
            return false;
        }
        if (value instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                String name = member.getKey();
                boolean isProperty = schema.properties().containsKey(name);
                RuleValidator validator = isProperty ? properties.get(name) : additional;
                String at =
                        isProperty
                                ? (path.isEmpty() ? name : path + "." + name)
                                : path + "[" + name + "]";
                @Nullable JsonNode before = old == null ? null : present(old.path(name));
                if (validator != null
                        && !validator.visit(member.getValue(), before, same, at, walk)) {
                    return false;
                }
            }
        } else if (value instanceof ArrayNode array && items != null) {
            for (int i = 0; i < array.size(); i++) {
                @Nullable JsonNode before =
                        old == null ? null : schema.correlated(array.path(i), old);
                if (!items.visit(array.path(i), before, same, path + "[" + i + "]", walk)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static @Nullable JsonNode present(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? null : node;
    }
}
