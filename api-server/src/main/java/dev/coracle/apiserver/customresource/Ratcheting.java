package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An update may leave a value as it is, even one that a stricter schema refuses by now (Kubernetes:
 * "Validation ratcheting"). Items are found again in lists with keys.
 */
final class Ratcheting {

    /** A member's name, or what stands in brackets: an index or the key of a map. */
    private static final Pattern STEP = Pattern.compile("\\[([^]]*)]|([^.\\[]+)");

    private final Structural schema;
    private final ObjectNode updated;
    private final ObjectNode old;

    private Ratcheting(Structural schema, ObjectNode updated, ObjectNode old) {
        this.schema = schema;
        this.updated = updated;
        this.old = old;
    }

    /**
     * The errors about values that the update changed. A missing value is judged by the object that
     * lacks it; errors without a place stay.
     */
    static List<FieldError> without(
            List<FieldError> errors, Structural schema, ObjectNode updated, ObjectNode old) {
        Ratcheting ratcheting = new Ratcheting(schema, updated, old);
        List<FieldError> left = new ArrayList<>();
        for (FieldError error : errors) {
            List<String> steps = steps(error.field());
            if (error.type() == FieldError.Type.REQUIRED && !steps.isEmpty()) {
                steps.removeLast();
            }
            if (error.field().equals("<nil>") || !ratcheting.isUnchanged(steps)) {
                left.add(error);
            }
        }
        return left;
    }

    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(path);
        while (matcher.find()) {
            steps.add(matcher.group());
        }
        return steps;
    }

    private boolean isUnchanged(List<String> steps) {
        Structural at = schema;
        JsonNode now = updated;
        JsonNode before = old;
        int i = 0;
        while (i < steps.size()) {
            String step = steps.get(i);
            if (at.type().equals("array") && step.startsWith("[")) {
                i++;
                now = now.path(Integer.parseInt(inner(step)));
                @Nullable JsonNode same = at.correlated(now, before);
                if (same == null || at.items() == null) {
                    // which old item it was is not known
                    return false;
                }
                before = same;
                at = at.items();
            } else {
                String name = step.startsWith("[") ? inner(step) : name(steps, i, now);
                i += step.startsWith("[") ? 1 : steps(name).size();
                now = now.path(name);
                before = before.path(name);
                @Nullable Structural member = at.member(name);
                at = member == null ? Structural.NOTHING : member;
            }
            if (now.equals(before) && !now.isMissingNode()) {
                return true;
            }
        }
        return false;
    }

    /** The member at a step; a map's key may have dots, and so go over several. */
    private static String name(List<String> steps, int from, JsonNode object) {
        for (int to = steps.size(); to > from + 1; to--) {
            String joined = String.join(".", steps.subList(from, to));
            if (object.has(joined)) {
                return joined;
            }
        }
        return steps.get(from);
    }

    private static String inner(String step) {
        return step.substring(1, step.length() - 1);
    }
}
