package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.customresource.SchemaRules;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a CustomResourceDefinition must be (apiextensions-apiserver,
 * ValidateCustomResourceDefinition).
 */
final class DefinitionRules {

    static final String APPROVED = "api-approved.kubernetes.io";
    private static final List<String> COLUMN_TYPES =
            List.of("boolean", "date", "integer", "number", "string");
    private static final List<String> COLUMN_FORMATS =
            List.of("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
    private static final int MAX_SELECTABLE_FIELDS = 8;
    private static final List<String> PER_VERSION =
            List.of("schema", "subresources", "additionalPrinterColumns", "selectableFields");

    private final List<FieldError> errors = new ArrayList<>();

    private DefinitionRules() {}

    static List<FieldError> check(ApiObject crd) {
        DefinitionRules rules = new DefinitionRules();
        rules.identity(crd);
        rules.versions(crd);
        rules.names(crd.at("spec.names"));
        rules.conversion(crd);
        if (crd.at("spec.preserveUnknownFields").asBoolean(false)) {
            rules.errors.add(
                    FieldError.invalid(
                            "spec.preserveUnknownFields",
                            true,
                            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
                                    + " spec.versions[*].schema instead"));
        }
        return rules.errors;
    }

    private void identity(ApiObject crd) {
        String group = crd.text("spec.group");
        String name = crd.text("spec.names.plural") + "." + group;
        if (!crd.name().isEmpty() && !crd.name().equals(name)) {
            errors.add(
                    FieldError.invalid(
                            "metadata.name",
                            crd.name(),
                            "must be spec.names.plural+\".\"+spec.group"));
        }
        if (group.isEmpty()) {
            errors.add(FieldError.required("spec.group", ""));
        } else if (Names.subdomain(group) != null) {
            invalidName("spec.group", group, Names.subdomain(group), "");
        } else if (group.indexOf('.') < 0) {
            errors.add(
                    FieldError.invalid(
                            "spec.group", group, "should be a domain with at least one dot"));
        }
        if (isProtected(group) && crd.annotations().getOrDefault(APPROVED, "").isEmpty()) {
            errors.add(
                    FieldError.required(
                            "metadata.annotations[" + APPROVED + "]",
                            "protected groups must have approval annotation \""
                                    + APPROVED
                                    + "\", see https://github.com/kubernetes/enhancements/pull/1111"));
        }
        String scope = crd.text("spec.scope");
        List<String> scopes = List.of("Cluster", "Namespaced");
        if (scope.isEmpty()) {
            errors.add(FieldError.required("spec.scope", ""));
        } else if (!scopes.contains(scope)) {
            errors.add(FieldError.notSupported("spec.scope", scope, scopes));
        }
    }

    /** Whether a group belongs to Kubernetes, whose APIs are approved one by one. */
    static boolean isProtected(String group) {
        return group.equals("k8s.io")
                || group.equals("kubernetes.io")
                || group.endsWith(".k8s.io")
                || group.endsWith(".kubernetes.io");
    }

    private void versions(ApiObject crd) {
        List<ObjectNode> versions = Json.objects(crd.at("spec.versions"));
        Set<String> seen = new HashSet<>();
        List<String> shared =
                PER_VERSION.stream().filter(member -> isShared(versions, member)).toList();
        int storage = 0;
        int i = 0;
        for (ObjectNode version : versions) {
            String path = "spec.versions[" + i++ + "]";
            String name = Json.text(version, "name");
            seen.add(name);
            storage += version.path("storage").asBoolean(false) ? 1 : 0;
            invalidName(path + ".name", name, Names.label1035(name), "");
            deprecation(version, path);
            PER_VERSION.stream()
                    .filter(member -> !shared.contains(member))
                    .forEach(member -> member(version, member, path));
        }
        shared.forEach(member -> member(versions.getFirst(), member, "spec"));
        if (seen.size() < versions.size()) {
            errors.add(
                    FieldError.invalid(
                            "spec.versions",
                            crd.at("spec.versions"),
                            "must contain unique version names"));
        }
        if (storage != 1) {
            errors.add(
                    FieldError.invalid(
                            "spec.versions",
                            versions.isEmpty() ? "null" : crd.at("spec.versions"),
                            "must have exactly one version marked as storage version"));
        }
    }

    /** Whether all versions say the same: upstream then names the field outside of them. */
    private static boolean isShared(List<ObjectNode> versions, String member) {
        JsonNode first = versions.isEmpty() ? null : versions.getFirst().path(member);
        return first != null
                && !first.isEmpty()
                && versions.stream().allMatch(version -> version.path(member).equals(first));
    }

    private void deprecation(ObjectNode version, String path) {
        String warning = Json.text(version, "deprecationWarning");
        if (!warning.isEmpty() && !version.path("deprecated").asBoolean(false)) {
            errors.add(
                    FieldError.invalid(
                            path + ".deprecationWarning",
                            warning,
                            "can only be set for deprecated versions"));
        }
    }

    private void member(ObjectNode version, String member, String path) {
        JsonNode value = version.path(member);
        String at = path + "." + member;
        switch (member) {
            case "schema" ->
                    schema(
                            value.path("openAPIV3Schema"),
                            path.equals("spec") ? "spec.validation" : at);
            case "subresources" -> scale(value.path("scale"), at + ".scale");
            case "additionalPrinterColumns" -> {
                int i = 0;
                for (ObjectNode column : Json.objects(value)) {
                    column(column, at + "[" + i++ + "]");
                }
            }
            default -> {
                if (Json.at(version, "schema.openAPIV3Schema") instanceof ObjectNode schema) {
                    selectableFields(version, schema, path);
                }
            }
        }
    }

    private void schema(JsonNode schema, String path) {
        if (schema instanceof ObjectNode node) {
            errors.addAll(SchemaRules.check(node, path + ".openAPIV3Schema"));
        } else {
            errors.add(FieldError.required(path + ".openAPIV3Schema", "schemas are required"));
        }
    }

    private void column(ObjectNode column, String path) {
        if (Json.text(column, "name").isEmpty()) {
            errors.add(FieldError.required(path + ".name", ""));
        }
        String type = Json.text(column, "type");
        String types = "must be one of " + String.join(",", COLUMN_TYPES);
        if (type.isEmpty()) {
            errors.add(FieldError.required(path + ".type", types));
        } else if (!COLUMN_TYPES.contains(type)) {
            errors.add(FieldError.invalid(path + ".type", type, types));
        }
        String format = Json.text(column, "format");
        if (!format.isEmpty() && !COLUMN_FORMATS.contains(format)) {
            errors.add(
                    FieldError.invalid(
                            path + ".format",
                            format,
                            "must be one of " + String.join(",", COLUMN_FORMATS)));
        }
        String jsonPath = Json.text(column, "jsonPath");
        if (jsonPath.isEmpty()) {
            errors.add(FieldError.required(path + ".jsonPath", ""));
        } else {
            simplePath(path + ".jsonPath", jsonPath, List.of("."), "");
        }
    }

    private void scale(JsonNode scale, String path) {
        if (!scale.isObject()) {
            return;
        }
        for (String member : List.of("specReplicasPath", "statusReplicasPath")) {
            String value = Json.text(scale, member);
            String below = member.startsWith("spec") ? ".spec" : ".status";
            if (value.isEmpty()) {
                errors.add(FieldError.required(path + "." + member, ""));
            } else {
                simplePath(
                        path + "." + member,
                        value,
                        List.of(below + "."),
                        "should be a json path under " + below);
            }
        }
        String selector = Json.text(scale, "labelSelectorPath");
        if (!selector.isEmpty()) {
            simplePath(
                    path + ".labelSelectorPath",
                    selector,
                    List.of(".spec.", ".status."),
                    "should be a json path under either .spec or .status");
        }
    }

    private void simplePath(String field, String value, List<String> prefixes, String detail) {
        if (!value.startsWith(".")) {
            errors.add(
                    FieldError.invalid(field, value, "must be a simple json path starting with ."));
        } else if (prefixes.stream().noneMatch(value::startsWith)) {
            errors.add(FieldError.invalid(field, value, detail));
        }
    }

    private void selectableFields(ObjectNode version, ObjectNode schema, String path) {
        Set<String> seen = new TreeSet<>();
        int i = 0;
        for (ObjectNode field : Json.objects(version.path("selectableFields"))) {
            String at = path + ".selectableFields[" + i++ + "].jsonPath";
            String jsonPath = Json.text(field, "jsonPath");
            if (jsonPath.isEmpty()) {
                errors.add(FieldError.required(at, ""));
                continue;
            }
            @Nullable String type =
                    jsonPath.indexOf('[') >= 0 ? null : SchemaRules.typeAt(schema, jsonPath);
            if (type == null) {
                String why =
                        jsonPath.indexOf('[') >= 0
                                ? "array notation is not allowed"
                                : jsonPath.startsWith(".")
                                        ? "does not refer to a valid field"
                                        : "expected [ or . but got: " + jsonPath;
                errors.add(FieldError.invalid(at, jsonPath, "is an invalid path: " + why));
                continue;
            }
            if (jsonPath.startsWith(".metadata")) {
                errors.add(
                        FieldError.invalid(at, jsonPath, "must not point to fields in metadata"));
            }
            if (!List.of("string", "boolean", "integer").contains(type)) {
                errors.add(
                        FieldError.invalid(
                                at,
                                jsonPath,
                                "must point to a field of type string, boolean or integer. Enum"
                                        + " string fields and strings with formats are allowed."));
            }
            if (!seen.add(jsonPath)) {
                errors.add(FieldError.duplicate(at, jsonPath));
            }
        }
        if (seen.size() > MAX_SELECTABLE_FIELDS) {
            errors.add(
                    new FieldError(
                            path + ".selectableFields",
                            FieldError.Type.TOO_MANY,
                            seen.size(),
                            "must have at most " + MAX_SELECTABLE_FIELDS + " items"));
        }
    }

    private void names(JsonNode names) {
        for (String member : List.of("plural", "singular", "kind", "listKind")) {
            if (Json.text(names, member).isEmpty()) {
                errors.add(FieldError.required("spec.names." + member, ""));
            }
        }
        for (String member : List.of("plural", "singular")) {
            String name = Json.text(names, member);
            if (!name.isEmpty()) {
                invalidName("spec.names." + member, name, Names.label1035(name), "");
            }
        }
        for (String member : List.of("kind", "listKind")) {
            String name = Json.text(names, member);
            if (!name.isEmpty()) {
                invalidName(
                        "spec.names." + member,
                        name,
                        Names.label1035(name.toLowerCase(Locale.ROOT)),
                        "may have mixed case, but should otherwise match: ");
            }
        }
        for (String member : List.of("shortNames", "categories")) {
            int i = 0;
            for (String name : Json.texts(names.path(member))) {
                String path = "spec.names." + member + "[" + i++ + "]";
                invalidName(path, name, Names.label1035(name), "");
            }
        }
        String kind = Json.text(names, "kind");
        if (!kind.isEmpty() && kind.equals(Json.text(names, "listKind"))) {
            errors.add(
                    FieldError.invalid(
                            "spec.names.listKind", kind, "kind and listKind may not be the same"));
        }
    }

    private void conversion(ApiObject crd) {
        String strategy = crd.text("spec.conversion.strategy");
        switch (strategy) {
            case "None" -> {
                if (crd.at("spec.conversion").has("webhook")) {
                    errors.add(
                            FieldError.forbidden(
                                    "spec.conversion.webhook",
                                    "should not be set when strategy is not set to Webhook"));
                }
            }
            case "Webhook" ->
                    errors.add(
                            FieldError.invalid(
                                    "spec.conversion.strategy",
                                    strategy,
                                    "conversion webhooks are not served by Coracle yet; use None"));
            case "" -> errors.add(FieldError.required("spec.conversion.strategy", ""));
            default ->
                    errors.add(
                            FieldError.notSupported(
                                    "spec.conversion.strategy",
                                    strategy,
                                    List.of("None", "Webhook")));
        }
    }

    private void invalidName(String path, String name, @Nullable String wrong, String prefix) {
        if (wrong != null) {
            errors.add(FieldError.invalid(path, name, prefix + wrong));
        }
    }
}
