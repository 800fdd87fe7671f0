package dev.coracle.apiserver.registry.core.configuration;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Checks of the key-value data of ConfigMaps and Secrets. */
final class DataKeys {

    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");
    // upstream's limit, corev1.MaxSecretSize
    private static final int MAX_BYTES = 1024 * 1024;

    private DataKeys() {}

    static List<FieldError> validate(ApiObject object, String member) {
        List<FieldError> errors = new ArrayList<>();
        for (String key : object.at(member).propertyNames()) {
            if (!KEY.matcher(key).matches() || key.equals(".") || key.equals("..")) {
                errors.add(
                        FieldError.invalid(
                                member + "[" + key + "]",
                                key,
                                "a valid config key must consist of alphanumeric characters, '-', '_' or"
                                        + " '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used"
                                        + " for validation is '[-._a-zA-Z0-9]+')"));
            }
        }
        return errors;
    }

    static List<FieldError> size(ApiObject object, String... members) {
        long size = 0;
        for (String member : members) {
            for (String value : Json.textMap(object.at(member)).values()) {
                size += value.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return size <= MAX_BYTES
                ? List.of()
                : List.of(
                        FieldError.tooLong("data", "may not be more than " + MAX_BYTES + " bytes"));
    }

    /** Nothing changes once {@code immutable} is true, not even that. */
    static List<FieldError> immutable(ApiObject updated, ApiObject old, String... members) {
        List<FieldError> errors = new ArrayList<>();
        if (!old.at("immutable").asBoolean(false)) {
            return errors;
        }
        if (!updated.at("immutable").asBoolean(false)) {
            errors.add(
                    FieldError.forbidden(
                            "immutable", "field is immutable when `immutable` is set"));
        }
        for (String member : members) {
            if (!updated.at(member).equals(old.at(member))) {
                errors.add(
                        FieldError.forbidden(member, "field is immutable when `immutable` is set"));
            }
        }
        return errors;
    }
}
