package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.coracle.apiserver.customresource.Structural;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Compiles the rules of one schema node. Thread-safe. */
public final class RuleCompiler {

    private static final CelOptions OPTIONS =
            CelOptions.current()
                    .enableOptionalSyntax(true)
                    .enableHeterogeneousNumericComparisons(true)
                    .populateMacroCalls(true)
                    .build();
    static final CelCompiler LANGUAGE = language();
    static final CelRuntime RUNTIME = runtime();

    private final Map<Boolean, CelCompiler> compilers = new ConcurrentHashMap<>();
    private final CelTypeProvider types;
    private final @Nullable CelType self;
    private final @Nullable DeclaredSize size;

    public RuleCompiler(Structural schema, boolean isResource) {
        size = DeclaredSize.of(schema, isResource);
        RuleTypes declared = new RuleTypes();
        self = declared.declare(schema, "@self", isResource);
        types = declared.provider();
    }

    /**
     * A rule that compiled, or why it did not: {@code error} and {@code messageError} are empty
     * when all is well.
     *
     * @param program null when it did not compile
     * @param message the compiled messageExpression; null when there is none, or it did not compile
     * @param cost of the rule in the worst case, in CEL's units
     * @param messageCost of the messageExpression
     */
    public record Compiled(
            Rule rule,
            CelRuntime.@Nullable Program program,
            CelRuntime.@Nullable Program message,
            boolean usesOldSelf,
            String error,
            String messageError,
            long cost,
            long messageCost) {

        private static Compiled failed(Rule rule, String error) {
            return new Compiled(rule, null, null, false, error, "", 0, 0);
        }

        private Compiled withMessageError(String why) {
            return new Compiled(rule, program, null, usesOldSelf, error, why, cost, messageCost);
        }

        private Compiled withMessage(
                CelRuntime.Program compiled, boolean messageUsesOldSelf, long costOfMessage) {
            return new Compiled(
                    rule,
                    program,
                    compiled,
                    usesOldSelf || messageUsesOldSelf,
                    error,
                    messageError,
                    cost,
                    costOfMessage);
        }
    }

    /** How many values of this schema node fit into a request. */
    public long mostInRequest() {
        return size == null ? 0 : size.mostInRequest();
    }

    public Compiled compile(Rule rule) {
        if (self == null || size == null) {
            return Compiled.failed(rule, "the schema gives self no type");
        }
        CelType selfType = self;
        CelCompiler compiler =
                compilers.computeIfAbsent(
                        rule.optionalOldSelf(), optional -> compiler(selfType, optional));
        CelValidationResult checked = compiler.compile(rule.rule());
        if (checked.hasError()) {
            return Compiled.failed(rule, "compilation failed: " + checked.getErrorString());
        }
        try {
            CelAbstractSyntaxTree tree = checked.getAst();
            if (!tree.getResultType().equals(SimpleType.BOOL)) {
                return Compiled.failed(rule, "must evaluate to a bool");
            }
            Compiled compiled =
                    new Compiled(
                            rule,
                            RUNTIME.createProgram(tree),
                            null,
                            readsOldSelf(tree),
                            "",
                            "",
                            RuleCost.of(tree, size),
                            0);
            return rule.messageExpression().isBlank()
                    ? compiled
                    : withMessage(compiled, compiler, size);
        } catch (CelValidationException | CelEvaluationException e) {
            return Compiled.failed(rule, "compilation failed: " + e.getMessage());
        }
    }

    private static Compiled withMessage(Compiled rule, CelCompiler compiler, DeclaredSize size)
            throws CelValidationException, CelEvaluationException {
        CelValidationResult checked = compiler.compile(rule.rule().messageExpression());
        if (checked.hasError()) {
            return rule.withMessageError(
                    "messageExpression compilation failed: " + checked.getErrorString());
        }
        CelAbstractSyntaxTree tree = checked.getAst();
        if (!tree.getResultType().equals(SimpleType.STRING)) {
            return rule.withMessageError("messageExpression must evaluate to a string");
        }
        return rule.withMessage(
                RUNTIME.createProgram(tree), readsOldSelf(tree), RuleCost.of(tree, size));
    }

    private static boolean readsOldSelf(CelAbstractSyntaxTree tree) {
        return tree.getReferenceMap().values().stream()
                .anyMatch(reference -> reference.name().equals("oldSelf"));
    }

    private CelCompiler compiler(CelType selfType, boolean optionalOldSelf) {
        return LANGUAGE.toCompilerBuilder()
                .setTypeProvider(types)
                .addVar("self", selfType)
                .addVar("oldSelf", optionalOldSelf ? OptionalType.create(selfType) : selfType)
                .build();
    }

    /** Everything but the types of a schema. */
    private static CelCompiler language() {
        CelCompilerBuilder builder =
                CelCompilerFactory.standardCelCompilerBuilder()
                        .setOptions(OPTIONS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addLibraries(
                                CelExtensions.optional(),
                                CelExtensions.strings(),
                                CelExtensions.sets(OPTIONS),
                                CelExtensions.comprehensions());
        RuleFunctions.all().forEach(library -> library.declareTo(builder));
        return builder.build();
    }

    private static CelRuntime runtime() {
        var builder =
                CelRuntimeFactory.plannerRuntimeBuilder()
                        .setOptions(OPTIONS)
                        .addLibraries(
                                CelExtensions.optional(),
                                CelExtensions.strings(),
                                CelExtensions.sets(OPTIONS),
                                CelExtensions.comprehensions());
        List<RuleFunctions> libraries = RuleFunctions.all();
        libraries.forEach(library -> library.bindTo(builder));
        return builder.build();
    }
}
