package dev.coracle.apiserver.customresource.rule;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Property names as CEL identifiers (Kubernetes: "Validation rules", escaping). A name that cannot
 * be written has no identifier.
 */
final class PropertyNames {

    private static final Set<String> RESERVED =
            Set.of(
                    "true",
                    "false",
                    "null",
                    "in",
                    "as",
                    "break",
                    "const",
                    "continue",
                    "else",
                    "for",
                    "function",
                    "if",
                    "import",
                    "let",
                    "loop",
                    "package",
                    "namespace",
                    "return",
                    "var",
                    "void",
                    "while");
    private static final Pattern WRITABLE = Pattern.compile("[A-Za-z_.\\-/$][A-Za-z0-9_.\\-/$]*");

    private PropertyNames() {}

    static Optional<String> escape(String name) {
        if (!WRITABLE.matcher(name).matches() || name.indexOf('$') >= 0) {
            return Optional.empty();
        }
        if (RESERVED.contains(name)) {
            return Optional.of("__" + name + "__");
        }
        return Optional.of(
                name.replace("__", "__underscores__")
                        .replace(".", "__dot__")
                        .replace("-", "__dash__")
                        .replace("/", "__slash__"));
    }
}
