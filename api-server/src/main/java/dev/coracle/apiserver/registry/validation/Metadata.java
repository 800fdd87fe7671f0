package dev.coracle.apiserver.registry.validation;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks of {@code metadata} (k8s.io/apimachinery/pkg/api/validation, ValidateObjectMeta). */
public final class Metadata {

    private static final int MAX_ANNOTATION_BYTES = 256 * 1024;

    private Metadata() {}

    public static List<FieldError> validate(
            ApiObject object, Function<String, @Nullable String> nameRule) {
        List<FieldError> errors = new ArrayList<>();
        String name = object.name();
        if (name.isEmpty()) {
            errors.add(FieldError.required("metadata.name", "name or generateName is required"));
        } else {
            String wrong = nameRule.apply(name);
            if (wrong != null) {
                errors.add(FieldError.invalid("metadata.name", name, wrong));
            }
        }
        errors.addAll(labels(object.at("metadata.labels"), "metadata.labels"));
        errors.addAll(annotations(object.at("metadata.annotations")));
        int i = 0;
        for (ObjectNode owner : Json.objects(object.at("metadata.ownerReferences"))) {
            String path = "metadata.ownerReferences[" + i++ + "].";
            for (String member : List.of("apiVersion", "kind", "name", "uid")) {
                if (Json.text(owner, member).isEmpty()) {
                    errors.add(FieldError.invalid(path + member, "", "must not be empty"));
                }
            }
        }
        for (String finalizer : object.finalizers()) {
            String wrong = Names.qualifiedName(finalizer);
            if (wrong != null) {
                errors.add(FieldError.invalid("metadata.finalizers", finalizer, wrong));
            }
        }
        return errors;
    }

    /** Keys and values of a map of labels. */
    public static List<FieldError> labels(JsonNode labels, String path) {
        List<FieldError> errors = new ArrayList<>();
        for (Map.Entry<String, String> label : Json.textMap(labels).entrySet()) {
            String wrongKey = Names.qualifiedName(label.getKey());
            if (wrongKey != null) {
                errors.add(FieldError.invalid(path, label.getKey(), wrongKey));
            }
            String wrongValue = Names.labelValue(label.getValue());
            if (wrongValue != null) {
                errors.add(FieldError.invalid(path, label.getValue(), wrongValue));
            }
        }
        return errors;
    }

    private static List<FieldError> annotations(JsonNode annotations) {
        List<FieldError> errors = new ArrayList<>();
        long size = 0;
        for (Map.Entry<String, String> annotation : Json.textMap(annotations).entrySet()) {
            String wrong =
                    Names.qualifiedName(annotation.getKey().toLowerCase(java.util.Locale.ROOT));
            if (wrong != null) {
                errors.add(FieldError.invalid("metadata.annotations", annotation.getKey(), wrong));
            }
            size += annotation.getKey().length();
            size += annotation.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        if (size > MAX_ANNOTATION_BYTES) {
            errors.add(
                    FieldError.tooLong(
                            "metadata.annotations",
                            "may not be more than " + MAX_ANNOTATION_BYTES + " bytes"));
        }
        return errors;
    }

    /** An error for each member of {@code fields} (paths) that differs between the two. */
    public static List<FieldError> immutable(ApiObject updated, ApiObject old, String... fields) {
        List<FieldError> errors = new ArrayList<>();
        for (String field : fields) {
            JsonNode now = updated.at(field);
            if (!now.equals(old.at(field))) {
                errors.add(
                        FieldError.invalid(
                                field, now.isMissingNode() ? "null" : now, "field is immutable"));
            }
        }
        return errors;
    }
}
