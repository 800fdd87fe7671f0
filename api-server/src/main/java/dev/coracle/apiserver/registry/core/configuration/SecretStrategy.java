package dev.coracle.apiserver.registry.core.configuration;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/** Secrets. {@code stringData} is written into {@code data} and never kept. */
public final class SecretStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                    "", "v1", "Secret", "secrets", "io.k8s.api.core.v1.Secret");

    private static final Map<String, List<String>> REQUIRED_KEYS =
            Map.of(
                    "kubernetes.io/tls", List.of("tls.crt", "tls.key"),
                    "kubernetes.io/ssh-auth", List.of("ssh-privatekey"),
                    "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
                    "kubernetes.io/dockercfg", List.of(".dockercfg"));

    private static final String ACCOUNT = "kubernetes.io/service-account.name";
    private static final String REDACTED = "<secret contents redacted>";

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(
                    Column.objectName(), Column.text("Type"), Column.integer("Data"), Column.age());
        }

        @Override
        public List<Object> cells(ApiObject object, Instant now) {
            return List.of(
                    object.name(),
                    object.text("type"),
                    object.at("data").size(),
                    Ages.since(object.text("metadata.creationTimestamp"), now));
        }
    }

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public Map<String, String> selectableFields(ApiObject object) {
        return Map.of("type", object.text("type"));
    }

    @Override
    public void applyDefaults(ApiObject object) {
        Json.setDefault(object.tree(), "type", "Opaque");
        if (object.at("stringData") instanceof ObjectNode plain) {
            ObjectNode data = Json.object(object.tree(), "data");
            Json.textMap(plain)
                    .forEach((key, value) ->
                            data.put(
                                    key,
                                    Base64.getEncoder()
                                            .encodeToString(
                                                    value.getBytes(StandardCharsets.UTF_8))));
            object.tree().remove("stringData");
        }
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>(DataKeys.validate(object, "data"));
        Json.textMap(object.at("data"))
                .forEach((key, value) -> {
                    try {
                        Base64.getDecoder().decode(value);
                    } catch (IllegalArgumentException e) {
                        errors.add(
                                FieldError.invalid(
                                        "data[" + key + "]",
                                        "",
                                        "must be base64: " + e.getMessage()));
                    }
                });
        for (String key : REQUIRED_KEYS.getOrDefault(object.text("type"), List.of())) {
            if (!object.at("data").has(key)) {
                errors.add(FieldError.required("data[" + key + "]", ""));
            }
        }
        errors.addAll(DataKeys.size(object, "data"));
        switch (object.text("type")) {
            case "kubernetes.io/basic-auth" -> {
                if (!object.at("data").has("username") && !object.at("data").has("password")) {
                    errors.add(FieldError.required("data[username]", ""));
                    errors.add(FieldError.required("data[password]", ""));
                }
            }
            case "kubernetes.io/service-account-token" -> {
                if (object.annotations().getOrDefault(ACCOUNT, "").isEmpty()) {
                    errors.add(FieldError.required("metadata.annotations[" + ACCOUNT + "]", ""));
                }
            }
            case "kubernetes.io/dockerconfigjson" -> json(object, ".dockerconfigjson", errors);
            case "kubernetes.io/dockercfg" -> json(object, ".dockercfg", errors);
            default -> {
                // any data will do
            }
        }
        return errors;
    }

    private static void json(ApiObject object, String key, List<FieldError> errors) {
        String text = object.at("data").path(key).asString("");
        try {
            if (!text.isEmpty()
                    && !Json.MAPPER.readTree(Base64.getDecoder().decode(text)).isObject()) {
                errors.add(FieldError.invalid("data[" + key + "]", REDACTED, "no JSON object"));
            }
        } catch (JacksonException | IllegalArgumentException e) {
            errors.add(FieldError.invalid("data[" + key + "]", REDACTED, "invalid JSON"));
        }
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>(Metadata.immutable(updated, old, "type"));
        errors.addAll(DataKeys.immutable(updated, old, "data"));
        return errors;
    }
}
