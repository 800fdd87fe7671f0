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
    private static final CelCompiler LANGUAGE = language();
    private static final CelRuntime RUNTIME = runtime();

    private final Map<Boolean, CelCompiler> compilers = new ConcurrentHashMap<>();
    private final CelTypeProvider types;
    private final @Nullable CelType self;

    public RuleCompiler(Structural schema, boolean isResource) {
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
     */
    public record Compiled(
            Rule rule,
            CelRuntime.@Nullable Program program,
            CelRuntime.@Nullable Program message,
            boolean usesOldSelf,
            String error,
            String messageError) {}

    public Compiled compile(Rule rule) {
        if (self == null) {
            return failed(rule, "the schema gives self no type");
        }
        CelType selfType = self;
        CelCompiler compiler =
                compilers.computeIfAbsent(
                        rule.optionalOldSelf(), optional -> compiler(selfType, optional));
        CelValidationResult checked = compiler.compile(rule.rule());
        if (checked.hasError()) {
            return failed(rule, "compilation failed: " + checked.getErrorString());
        }
        try {
            CelAbstractSyntaxTree tree = checked.getAst();
            if (!tree.getResultType().equals(SimpleType.BOOL)) {
                return failed(rule, "must evaluate to a bool");
            }
            CelRuntime.Program program = RUNTIME.createProgram(tree);
            boolean usesOldSelf = readsOldSelf(tree);
            String expression = rule.messageExpression();
            if (expression.isBlank()) {
                return new Compiled(rule, program, null, usesOldSelf, "", "");
            }
            CelValidationResult message = compiler.compile(expression);
            if (message.hasError()) {
                return new Compiled(
                        rule,
                        program,
                        null,
                        usesOldSelf,
                        "",
                        "messageExpression compilation failed: " + message.getErrorString());
            }
            if (!message.getAst().getResultType().equals(SimpleType.STRING)) {
                return new Compiled(
                        rule,
                        program,
                        null,
                        usesOldSelf,
                        "",
                        "messageExpression must evaluate to a string");
            }
            return new Compiled(
                    rule,
                    program,
                    RUNTIME.createProgram(message.getAst()),
                    usesOldSelf || readsOldSelf(message.getAst()),
                    "",
                    "");
        } catch (CelValidationException | CelEvaluationException e) {
            return failed(rule, "compilation failed: " + e.getMessage());
        }
    }

    private static Compiled failed(Rule rule, String error) {
        return new Compiled(rule, null, null, false, error, "");
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
