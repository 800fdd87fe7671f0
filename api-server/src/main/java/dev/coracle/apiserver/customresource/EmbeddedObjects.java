package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Visits the objects inside an object that {@code x-kubernetes-embedded-resource} marks: each must
 * say what it is, and has metadata of the usual shape.
 */
final class EmbeddedObjects {

    private static final Pattern KIND = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");

    private EmbeddedObjects() {}

    /** Gets each embedded object with its path. */
    @FunctionalInterface
    interface Visitor {
        void visit(ObjectNode embedded, String path);
    }

    static void visit(JsonNode value, Structural schema, String path, Visitor visitor) {
        if (value instanceof ObjectNode object) {
            if (schema.extensions().embedsResource()) {
                visitor.visit(object, path);
            }
            object.properties()
                    .forEach(entry -> {
                        @Nullable Structural member = schema.member(entry.getKey());
                        if (member != null) {
                            String at = ValuePath.member(path, schema, entry.getKey());
                            visit(entry.getValue(), member, at, visitor);
                        }
                    });
        } else if (value instanceof ArrayNode array && schema.items() != null) {
            for (int i = 0; i < array.size(); i++) {
                visit(array.path(i), schema.items(), path + "[" + i + "]", visitor);
            }
        }
    }

    static void check(ObjectNode object, String path, List<FieldError> errors) {
        String apiVersion = Json.text(object, "apiVersion");
        if (apiVersion.isEmpty()) {
            errors.add(FieldError.required(path + ".apiVersion", "must not be empty"));
        } else if (apiVersion.chars().filter(c -> c == '/').count() > 1) {
            errors.add(
                    FieldError.invalid(
                            path + ".apiVersion",
                            apiVersion,
                            "unexpected GroupVersion string: " + apiVersion));
        }
        String kind = Json.text(object, "kind");
        if (kind.isEmpty()) {
            errors.add(FieldError.required(path + ".kind", "must not be empty"));
        } else if (!KIND.matcher(kind.toLowerCase(Locale.ROOT)).matches()) {
            errors.add(
                    FieldError.invalid(
                            path + ".kind",
                            kind,
                            "may have mixed case, but should otherwise match: a DNS-1035 label must"
                                    + " consist of lower case alphanumeric characters or '-', start"
                                    + " with an alphabetic character, and end with an alphanumeric"
                                    + " character (e.g. 'my-name',  or 'abc-123', regex used for"
                                    + " validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"));
        }
    }
}
