package dev.coracle.apiserver.customresource.rule;

import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;

/**
 * A set of functions that Kubernetes adds to CEL (Kubernetes: "Common Expression Language in
 * Kubernetes", libraries).
 */
interface RuleFunctions {

    void declareTo(CelCompilerBuilder compiler);

    void bindTo(CelRuntimeBuilder runtime);

    static List<RuleFunctions> all() {
        return List.of(
                TextFunctions.table(),
                ListFunctions.table(),
                UrlFunctions.table(),
                Quantity.functions(),
                AddressFunctions.table());
    }
}
