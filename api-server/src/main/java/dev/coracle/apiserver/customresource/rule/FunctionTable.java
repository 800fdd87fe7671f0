package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions, each with its types and what it does. Filled once, then only read. */
final class FunctionTable implements RuleFunctions {

    private record Entry(CelOverloadDecl declaration, CelFunctionBinding binding) {}

    private final Map<String, List<Entry>> functions = new LinkedHashMap<>();

    /** The type of an argument, to the compiler and at run time. */
    record Argument<T>(CelType type, Class<T> javaType) {}

    /** {@code function(a)}. */
    <A> FunctionTable global(
            String function, CelType result, Argument<A> a, CelFunctionOverload.Unary<A> does) {
        String id = id(function, a);
        return add(
                function,
                CelOverloadDecl.newGlobalOverload(id, result, a.type()),
                CelFunctionBinding.from(id, a.javaType(), does));
    }

    /** {@code a.function()}. */
    <A> FunctionTable member(
            String function, CelType result, Argument<A> a, CelFunctionOverload.Unary<A> does) {
        String id = id(function, a);
        return add(
                function,
                CelOverloadDecl.newMemberOverload(id, result, a.type()),
                CelFunctionBinding.from(id, a.javaType(), does));
    }

    /** {@code a.function(b)}. */
    <A, B> FunctionTable member(
            String function,
            CelType result,
            Argument<A> a,
            Argument<B> b,
            CelFunctionOverload.Binary<A, B> does) {
        String id = id(function, a) + "_" + plain(b.type());
        return add(
                function,
                CelOverloadDecl.newMemberOverload(id, result, a.type(), b.type()),
                CelFunctionBinding.from(id, a.javaType(), b.javaType(), does));
    }

    private FunctionTable add(
            String function, CelOverloadDecl declaration, CelFunctionBinding binding) {
        functions
                .computeIfAbsent(function, _ -> new ArrayList<>())
                .add(new Entry(declaration, binding));
        return this;
    }

    private static String id(String function, Argument<?> a) {
        return "kubernetes_" + plain(a.type()) + "_" + function.replace('.', '_');
    }

    private static String plain(CelType type) {
        return type.name().replaceAll("[^A-Za-z0-9]", "_")
                + (type.parameters().isEmpty() ? "" : "_" + plain(type.parameters().getFirst()));
    }

    @Override
    public void declareTo(CelCompilerBuilder compiler) {
        functions.forEach((function, entries) ->
                compiler.addFunctionDeclarations(
                        CelFunctionDecl.newFunctionDeclaration(
                                function, entries.stream().map(Entry::declaration).toList())));
    }

    @Override
    public void bindTo(CelRuntimeBuilder runtime) {
        functions.forEach((function, entries) ->
                runtime.addFunctionBindings(
                        CelFunctionBinding.fromOverloads(
                                function, entries.stream().map(Entry::binding).toList())));
    }
}
