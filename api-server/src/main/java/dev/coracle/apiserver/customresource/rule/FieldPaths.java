package dev.coracle.apiserver.customresource.rule;

import dev.coracle.apiserver.customresource.Structural;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Paths such as {@code .spec.color} or {@code .spec['a-b']}. */
public final class FieldPaths {

    private static final Pattern STEP =
            Pattern.compile("\\.([^.\\[\\]]+)|\\['((?:[^'\\\\]|\\\\.)*)'\\]");

    private FieldPaths() {}

    /** The path of a field below another one; the field is written as in a rule. */
    static String below(String path, String fieldPath) {
        Optional<List<String>> steps = steps(fieldPath);
        if (fieldPath.isEmpty() || steps.isEmpty()) {
            return path;
        }
        String below = String.join(".", steps.get());
        return path.isEmpty() ? below : path + "." + below;
    }

    /** The schema a path leads to; null when it leads nowhere. */
    public static @Nullable Structural find(Structural schema, String fieldPath) {
        @Nullable Structural at = schema;
        for (String step : steps(fieldPath).orElse(List.of(""))) {
            at = at == null ? null : at.member(step);
        }
        return at;
    }

    private static Optional<List<String>> steps(String fieldPath) {
        List<String> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(fieldPath);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            String name = matcher.group(1);
            String quoted = matcher.group(2);
            steps.add(name != null ? name : quoted.replaceAll("\\\\(.)", "$1"));
            end = matcher.end();
        }
        return end == fieldPath.length() && !steps.isEmpty()
                ? Optional.of(steps)
                : Optional.empty();
    }
}
