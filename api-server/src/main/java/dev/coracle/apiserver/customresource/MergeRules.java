package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code x-kubernetes-list-type}, its keys and {@code x-kubernetes-map-type} may be. */
final class MergeRules {

    private final List<FieldError> errors = new ArrayList<>();

    private MergeRules() {}

    /** What is wrong with one node of a schema. */
    static List<FieldError> check(ObjectNode schema, String type, String path) {
        MergeRules rules = new MergeRules();
        rules.listType(schema, type, path);
        rules.mapType(schema, type, path);
        return rules.errors;
    }

    private void mapType(ObjectNode schema, String type, String path) {
        String mapType = Json.text(schema, "x-kubernetes-map-type");
        if (mapType.isEmpty()) {
            return;
        }
        typeMustBe("object", type, "x-kubernetes-map-type", path);
        if (!List.of("atomic", "granular").contains(mapType)) {
            errors.add(
                    FieldError.notSupported(
                            path + ".x-kubernetes-map-type",
                            mapType,
                            List.of("atomic", "granular")));
        }
    }

    private void typeMustBe(String wanted, String type, String extension, String path) {
        if (!type.equals(wanted)) {
            String detail = "must be " + wanted + " if " + extension + " is specified";
            errors.add(
                    type.isEmpty()
                            ? FieldError.required(path + ".type", detail)
                            : FieldError.invalid(path + ".type", type, detail));
        }
    }

    private void listType(ObjectNode schema, String type, String path) {
        String listType = Json.text(schema, "x-kubernetes-list-type");
        List<String> keys = Json.texts(schema.path("x-kubernetes-list-map-keys"));
        JsonNode items = schema.path("items");
        if (!listType.isEmpty()) {
            typeMustBe("array", type, "x-kubernetes-list-type", path);
        }
        switch (listType) {
            case "", "atomic" -> {}
            case "set" -> setItems(items, path);
            case "map" -> mapItems(items, keys, path);
            default ->
                    errors.add(
                            new FieldError(
                                    path + ".x-kubernetes-list-type",
                                    FieldError.Type.NOT_SUPPORTED,
                                    listType,
                                    "supported values: \"atomic\", \"set\", \"map\""));
        }
        if (!keys.isEmpty() && !listType.equals("map")) {
            String detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            String at = path + ".x-kubernetes-list-type";
            errors.add(
                    listType.isEmpty()
                            ? FieldError.required(at, detail)
                            : FieldError.invalid(at, listType, detail));
        }
        if (List.of("set", "map").contains(listType) && items.path("nullable").asBoolean(false)) {
            errors.add(
                    FieldError.forbidden(
                            path + ".items.nullable",
                            "cannot be nullable when x-kubernetes-list-type is " + listType));
        }
    }

    private void setItems(JsonNode items, String path) {
        String detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        String listType = Json.text(items, "x-kubernetes-list-type");
        String mapType = Json.text(items, "x-kubernetes-map-type");
        if (Json.text(items, "type").equals("array")
                && !listType.isEmpty()
                && !listType.equals("atomic")) {
            errors.add(
                    FieldError.invalid(path + ".items.x-kubernetes-list-type", listType, detail));
        } else if (Json.text(items, "type").equals("object") && !mapType.equals("atomic")) {
            errors.add(FieldError.invalid(path + ".items.x-kubernetes-map-type", mapType, detail));
        }
    }

    private void mapItems(JsonNode items, List<String> keys, String path) {
        if (keys.isEmpty()) {
            errors.add(
                    FieldError.required(
                            path + ".x-kubernetes-list-map-keys",
                            "must not be empty if x-kubernetes-list-type is map"));
        }
        if (!items.isObject()) {
            errors.add(
                    FieldError.required(
                            path + ".items",
                            "must have a schema if x-kubernetes-list-type is map"));
            return;
        }
        String type = Json.text(items, "type");
        if (!type.equals("object")) {
            errors.add(
                    FieldError.invalid(
                            path + ".items.type",
                            type,
                            "must be object if parent array's x-kubernetes-list-type is map"));
            return;
        }
        List<String> required = Json.texts(items.path("required"));
        for (String key : keys) {
            mapKey(items.path("properties").path(key), key, required.contains(key), path);
        }
        if (Set.copyOf(keys).size() < keys.size()) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-list-map-keys",
                            Json.MAPPER.valueToTree(keys),
                            "must not contain duplicate entries"));
        }
    }

    private void mapKey(JsonNode property, String key, boolean isRequired, String path) {
        String at = path + ".items.properties[" + key + "]";
        if (property.isMissingNode()) {
            errors.add(
                    FieldError.invalid(
                            path + ".x-kubernetes-list-map-keys",
                            key,
                            "entries must all be names of item properties"));
            return;
        }
        String type = Json.text(property, "type");
        if (type.equals("array") || type.equals("object")) {
            errors.add(
                    FieldError.invalid(
                            at + ".type",
                            type,
                            "must be a scalar type if parent array's x-kubernetes-list-type is map"));
        }
        String here = "this property is in x-kubernetes-list-map-keys, so it ";
        if (!isRequired && !property.has("default")) {
            errors.add(
                    FieldError.required(
                            at + ".default",
                            here + "must have a default or be a required property"));
        }
        if (property.path("nullable").asBoolean(false)) {
            errors.add(FieldError.forbidden(at + ".nullable", here + "cannot be nullable"));
        }
    }
}
