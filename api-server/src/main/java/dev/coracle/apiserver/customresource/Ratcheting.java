package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An update may leave a value as it is, even one that a stricter schema refuses by now (Kubernetes:
 * "Validation ratcheting").
 */
final class Ratcheting {

    private Ratcheting() {}

    /**
     * The errors about values that the update changed. A missing value is judged by the object that
     * lacks it; errors without a place stay.
     */
    static List<FieldError> without(List<FieldError> errors, ObjectNode updated, ObjectNode old) {
        List<FieldError> left = new ArrayList<>();
        for (FieldError error : errors) {
            String path =
                    error.type() == FieldError.Type.REQUIRED
                            ? parent(error.field())
                            : error.field();
            if (error.field().equals("<nil>")
                    || path.isEmpty()
                    || !isUnchanged(updated, old, path)) {
                left.add(error);
            }
        }
        return left;
    }

    private static boolean isUnchanged(ObjectNode updated, ObjectNode old, String path) {
        JsonNode now = updated;
        JsonNode before = old;
        for (String step : path.split("\\.", -1)) {
            int bracket = step.indexOf('[');
            String name = bracket < 0 ? step : step.substring(0, bracket);
            now = now.path(name);
            before = before.path(name);
            if (now.equals(before) && !now.isMissingNode()) {
                return true;
            }
            if (bracket >= 0) {
                // which old item it was is not known
                return false;
            }
        }
        return false;
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }
}
