package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.patch.Patch;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The path items of one resource. */
final class Operations {

    static final String KIND = "x-kubernetes-group-version-kind";

    private static final String LIST_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";
    private static final String SCALE = "io.k8s.api.autoscaling.v1.Scale";
    private static final List<String> WRITE = List.of("dryRun", "fieldManager", "fieldValidation");
    private static final List<String> PATCH =
            List.of("dryRun", "fieldManager", "fieldValidation", "force");
    private static final List<String> LIST =
            List.of(
                    "allowWatchBookmarks",
                    "continue",
                    "fieldSelector",
                    "labelSelector",
                    "limit",
                    "resourceVersion",
                    "resourceVersionMatch",
                    "sendInitialEvents",
                    "timeoutSeconds",
                    "watch");
    private static final List<String> DELETE =
            List.of("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy");

    private final ResourceDefinition definition;
    private final ObjectNode schemas;
    private final String listKind;
    private final boolean isCustom;

    /**
     * The operations of a resource.
     *
     * @param schemas of the document, to which those of lists are added
     */
    Operations(ResourceStrategy resource, ObjectNode schemas, boolean isCustom) {
        this.definition = resource.definition();
        this.listKind = resource.listKind();
        this.schemas = schemas;
        this.isCustom = isCustom;
    }

    static ObjectNode kind(ResourceDefinition definition) {
        return Json.newObject()
                .put("group", definition.group())
                .put("kind", definition.kind().kind())
                .put("version", definition.kind().version());
    }

    ObjectNode collection() {
        ObjectNode item = Json.newObject();
        item.set("get", list("list"));
        item.set("post", write("post", "create", definition.schema(), WRITE));
        ObjectNode delete = operation("deletecollection", "deleteCollection", null);
        parameters(delete, LIST);
        item.set("delete", delete);
        keepServed(item, Map.of("get", "list", "post", "create", "delete", "deletecollection"));
        return withPathParameters(item, false);
    }

    ObjectNode allNamespaces() {
        ObjectNode item = Json.newObject();
        item.set("get", list("listForAllNamespaces"));
        item.putArray("parameters");
        return item;
    }

    ObjectNode item() {
        ObjectNode item = Json.newObject();
        item.set("get", operation("get", "read", definition.schema()));
        item.set("put", write("put", "replace", definition.schema(), WRITE));
        item.set("patch", patch("patch"));
        ObjectNode delete = operation("delete", "delete", null);
        parameters(delete, DELETE);
        item.set("delete", delete);
        keepServed(
                item, Map.of("get", "get", "put", "update", "patch", "patch", "delete", "delete"));
        return withPathParameters(item, true);
    }

    /** Drops the methods whose verb the resource does not have. */
    private void keepServed(ObjectNode item, Map<String, String> verbs) {
        verbs.forEach((method, verb) -> {
            if (!definition.verbs().contains(verb)) {
                item.remove(method);
            }
        });
    }

    ObjectNode subresource(Subresource subresource) {
        String schema = subresource == Subresource.SCALE ? SCALE : definition.schema();
        String suffix =
                subresource.path().substring(0, 1).toUpperCase(Locale.ROOT)
                        + subresource.path().substring(1);
        ObjectNode item = Json.newObject();
        switch (subresource) {
            case STATUS, SCALE, APPROVAL, EPHEMERAL_CONTAINERS -> {
                item.set("get", operation("get", "read" + suffix, schema));
                item.set("put", write("put", "replace" + suffix, schema, WRITE));
                item.set("patch", patch("patch" + suffix));
            }
            case FINALIZE -> item.set("put", write("put", "replace" + suffix, schema, WRITE));
            case BINDING, EVICTION, TOKEN ->
                    item.set("post", write("post", "create" + suffix, null, WRITE));
            case LOG -> item.set("get", operation("get", "readLog", null));
            case EXEC -> connect(item, "ExecOptions", "get", "post");
            case ATTACH -> connect(item, "AttachOptions", "get", "post");
            case PORT_FORWARD -> connect(item, "PortForwardOptions", "get", "post");
            case PROXY -> connect(item, "ProxyOptions", "get", "put", "post", "delete", "patch");
        }
        return withPathParameters(item, true);
    }

    /**
     * Operations of another kind than the object's: clients look in those of the object's kind for
     * what it takes.
     */
    private void connect(ObjectNode item, String options, String... methods) {
        for (String method : methods) {
            ObjectNode operation =
                    operation("connect", "connect" + method + options.replace("Options", ""), null);
            operation.set(KIND, kind(definition).put("kind", definition.kind().kind() + options));
            item.set(method, operation);
        }
    }

    private ObjectNode list(String verb) {
        ObjectNode operation = operation("list", verb, null);
        parameters(operation, LIST);
        String listSchema = definition.schema() + "List";
        if (!schemas.has(listSchema)) {
            schemas.set(listSchema, listOf());
            schemas.set(LIST_META, listMeta());
        }
        response(operation, listSchema);
        return operation;
    }

    private ObjectNode listOf() {
        ObjectNode schema = Json.newObject().put("type", "object");
        schema.put(
                "description",
                definition.kind().kind() + "List is a list of " + definition.plural());
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("apiVersion").put("type", "string");
        ObjectNode items = properties.putObject("items").put("type", "array");
        items.putObject("items").put("$ref", reference(definition.schema()));
        properties.putObject("kind").put("type", "string");
        properties.putObject("metadata").put("$ref", reference(LIST_META));
        schema.putArray("required").add("items");
        schema.putArray(KIND)
                .addObject()
                .put("group", definition.group())
                .put("kind", listKind)
                .put("version", definition.kind().version());
        return schema;
    }

    private static ObjectNode listMeta() {
        ObjectNode schema = Json.newObject().put("type", "object");
        schema.put("description", "ListMeta is the metadata of a list");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("continue").put("type", "string");
        properties.putObject("remainingItemCount").put("type", "integer").put("format", "int64");
        properties.putObject("resourceVersion").put("type", "string");
        properties.putObject("selfLink").put("type", "string");
        return schema;
    }

    private ObjectNode write(
            String action, String verb, @Nullable String schema, List<String> parameters) {
        ObjectNode operation = operation(action, verb, schema);
        parameters(operation, parameters);
        ObjectNode content =
                operation.putObject("requestBody").put("required", true).putObject("content");
        ObjectNode media = content.putObject("application/json").putObject("schema");
        if (schema == null) {
            media.put("type", "object");
        } else {
            media.put("$ref", reference(schema));
        }
        return operation;
    }

    private ObjectNode patch(String verb) {
        ObjectNode operation = operation("patch", verb, definition.schema());
        parameters(operation, PATCH);
        ObjectNode content =
                operation.putObject("requestBody").put("required", true).putObject("content");
        // kubectl sends a strategic merge patch where it finds its type here
        List<String> types =
                isCustom
                        ? List.of(Patch.JSON, Patch.MERGE, Patch.APPLY)
                        : List.of(Patch.JSON, Patch.MERGE, Patch.STRATEGIC, Patch.APPLY);
        for (String type : types) {
            ObjectNode schema = content.putObject(type).putObject("schema");
            schema.put("type", type.equals(Patch.JSON) ? "array" : "object");
            if (type.equals(Patch.JSON)) {
                schema.putObject("items").put("type", "object");
            }
        }
        return operation;
    }

    private ObjectNode operation(String action, String verb, @Nullable String schema) {
        ObjectNode operation = Json.newObject();
        String group =
                definition.group().isEmpty() ? "core" : definition.group().replaceAll("\\..*", "");
        operation.putArray("tags").add(group + "_" + definition.kind().version());
        operation.put(
                "operationId",
                verb
                        + group.substring(0, 1).toUpperCase(Locale.ROOT)
                        + group.substring(1)
                        + definition.kind().version().toUpperCase(Locale.ROOT)
                        + (definition.namespaced() ? "Namespaced" : "")
                        + definition.kind().kind());
        operation.put("x-kubernetes-action", action);
        operation.set(KIND, kind(definition));
        response(operation, schema);
        return operation;
    }

    private static void response(ObjectNode operation, @Nullable String schema) {
        ObjectNode response =
                operation.putObject("responses").putObject("200").put("description", "OK");
        ObjectNode media =
                response.putObject("content").putObject("application/json").putObject("schema");
        if (schema == null) {
            media.put("type", "object");
        } else {
            media.put("$ref", reference(schema));
        }
    }

    private static void parameters(ObjectNode operation, List<String> names) {
        ArrayNode parameters = operation.putArray("parameters");
        for (String name : names) {
            String type =
                    switch (name) {
                        case "limit", "timeoutSeconds", "gracePeriodSeconds" -> "integer";
                        case "watch",
                                "allowWatchBookmarks",
                                "sendInitialEvents",
                                "orphanDependents",
                                "force" ->
                                "boolean";
                        default -> "string";
                    };
            parameters
                    .addObject()
                    .put("name", name)
                    .put("in", "query")
                    .putObject("schema")
                    .put("type", type);
        }
    }

    private ObjectNode withPathParameters(ObjectNode item, boolean named) {
        ArrayNode parameters = item.putArray("parameters");
        if (named) {
            pathParameter(parameters, "name");
        }
        if (definition.namespaced()) {
            pathParameter(parameters, "namespace");
        }
        return item;
    }

    private static void pathParameter(ArrayNode parameters, String name) {
        parameters
                .addObject()
                .put("name", name)
                .put("in", "path")
                .put("required", true)
                .putObject("schema")
                .put("type", "string");
    }

    private static String reference(String schema) {
        return "#/components/schemas/" + schema;
    }
}
