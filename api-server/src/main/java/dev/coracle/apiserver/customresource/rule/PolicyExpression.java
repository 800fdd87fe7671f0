package dev.coracle.apiserver.customresource.rule;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An expression of an admission policy, or why it does not compile. Immutable; thread-safe.
 *
 * <p>It knows {@code object}, {@code oldObject}, {@code request}, {@code params}, {@code
 * namespaceObject} and {@code variables}, whose members are those declared before it (Kubernetes:
 * ValidatingAdmissionPolicy).
 */
public final class PolicyExpression {

    private static final List<String> INPUTS =
            List.of("object", "oldObject", "request", "params", "namespaceObject");
    private static final String VARIABLES = "variables";

    private final String source;
    private final CelRuntime.@Nullable Program program;
    private final CelType type;
    private final String error;

    private PolicyExpression(
            String source, CelRuntime.@Nullable Program program, CelType type, String error) {
        this.source = source;
        this.program = program;
        this.type = type;
        this.error = error;
    }

    /** What expressions of one request are evaluated with. Confined to one thread. */
    public static final class Inputs {

        private final Map<String, Object> values = new HashMap<>();
        private final Budget budget = new Budget();

        /** A null or missing value is CEL's null. */
        public Inputs with(String name, JsonNode value) {
            values.put(name, RuleValues.of(value, null));
            return this;
        }

        /**
         * Evaluates variables, in their order. One that fails is missing from then on: only who
         * reads it fails too.
         */
        public Inputs withVariables(Map<String, PolicyExpression> variables) {
            Map<String, Object> known = new HashMap<>();
            values.put(VARIABLES, known);
            variables.forEach((name, expression) -> {
                try {
                    known.put(name, expression.evaluate(this));
                } catch (Failure _) {
                    // whoever reads it says so
                }
            });
            return this;
        }
    }

    /** The expression failed, or its type is wrong; the message says how. */
    public static final class Failure extends Exception {
        Failure(String message) {
            super(message, null, false, false);
        }
    }

    /** Compiles an expression that may use these variables. */
    public static PolicyExpression compile(String source, Set<String> variables) {
        CelValidationResult checked = compiler(variables).compile(source);
        if (checked.hasError()) {
            return new PolicyExpression(
                    source,
                    null,
                    SimpleType.ERROR,
                    "compilation failed: " + checked.getErrorString());
        }
        try {
            return new PolicyExpression(
                    source,
                    RuleCompiler.RUNTIME.createProgram(checked.getAst()),
                    checked.getAst().getResultType(),
                    "");
        } catch (CelValidationException | CelEvaluationException e) {
            return new PolicyExpression(
                    source, null, SimpleType.ERROR, "compilation failed: " + e.getMessage());
        }
    }

    private static CelCompiler compiler(Set<String> variables) {
        ImmutableSet<String> names = ImmutableSet.copyOf(variables);
        StructType type =
                StructType.create(
                        "kubernetes.variables",
                        names,
                        name ->
                                names.contains(name)
                                        ? Optional.of(SimpleType.DYN)
                                        : Optional.empty());
        CelCompilerBuilder builder =
                RuleCompiler.LANGUAGE
                        .toCompilerBuilder()
                        .setTypeProvider(new OneType(type))
                        .addVar(VARIABLES, type);
        INPUTS.forEach(name -> builder.addVar(name, SimpleType.DYN));
        return builder.build();
    }

    private record OneType(StructType type) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.of(type);
        }

        @Override
        public Optional<CelType> findType(String name) {
            return name.equals(type.name()) ? Optional.of(type) : Optional.empty();
        }
    }

    /** As it was written. */
    public String source() {
        return source.strip();
    }

    /** Why it does not compile; empty when it does. */
    public String error() {
        return error;
    }

    /** Why its result cannot be of a type, by its name in CEL; empty when it can. */
    public String errorOf(String wanted) {
        boolean fits = type.equals(SimpleType.DYN) || type.name().equals(wanted);
        return !error.isEmpty() || fits ? error : "must evaluate to " + wanted;
    }

    /** The value as Java has it: Boolean, Long, Double, String, List, Map, ... */
    public Object evaluate(Inputs inputs) throws Failure {
        if (program == null) {
            throw new Failure(error);
        }
        Map<String, Object> values = new HashMap<>(inputs.values);
        INPUTS.forEach(name -> values.putIfAbsent(name, NullValue.NULL_VALUE));
        values.putIfAbsent(VARIABLES, Map.of());
        try {
            inputs.budget.startCall();
            return program.trace(values, inputs.budget);
        } catch (CelEvaluationException | RuntimeException e) {
            if (inputs.budget.isCallSpent() || inputs.budget.isSpent()) {
                throw new Failure(
                        "validation failed due to running out of cost budget, no further"
                                + " validation rules will be run");
            }
            throw new Failure(String.valueOf(e.getMessage()));
        }
    }

    /** Whether it holds. */
    public boolean holds(Inputs inputs) throws Failure {
        Object value = evaluate(inputs);
        if (value instanceof Boolean holds) {
            return holds;
        }
        throw new Failure("must evaluate to bool");
    }
}
