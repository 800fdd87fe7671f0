package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.object.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The version 2 form of a version 3 document. What version 2 cannot say of a custom resource's
 * schema is left out, as upstream does.
 */
final class SwaggerDocument {

    private static final String REFERENCE = "#/components/schemas/";
    private static final String PRESERVE = "x-kubernetes-preserve-unknown-fields";
    private static final String TOKEN = "BearerToken";

    private final ObjectNode from;
    private final Predicate<String> isCustom;

    /**
     * Starts a conversion.
     *
     * @param isCustom whether a definition comes from a CustomResourceDefinition
     */
    SwaggerDocument(ObjectNode from, Predicate<String> isCustom) {
        this.from = from;
        this.isCustom = isCustom;
    }

    ObjectNode convert() {
        ObjectNode swagger = Json.newObject().put("swagger", "2.0");
        swagger.set("info", from.path("info"));
        swagger.putArray("schemes").add("https");
        ObjectNode paths = swagger.putObject("paths");
        from.path("paths")
                .properties()
                .forEach(path -> paths.set(path.getKey(), pathItem(path.getValue())));
        ObjectNode definitions = swagger.putObject("definitions");
        from.path("components")
                .path("schemas")
                .properties()
                .forEach(schema ->
                        definitions.set(
                                schema.getKey(), definition(schema.getKey(), schema.getValue())));
        SharedTypes.describeInVersion2(definitions);
        swagger.putObject("securityDefinitions")
                .putObject(TOKEN)
                .put("description", "Bearer Token authentication")
                .put("type", "apiKey")
                .put("name", "authorization")
                .put("in", "header");
        swagger.putArray("security").addObject().putArray(TOKEN);
        return swagger;
    }

    private ObjectNode definition(String name, JsonNode of) {
        if (!isCustom.test(name)) {
            return schema(of, false);
        }
        if (of.path(PRESERVE).asBoolean(false)) {
            ObjectNode open = Json.newObject().put("type", "object");
            open.set(Operations.KIND, of.path(Operations.KIND));
            return open;
        }
        return schema(of, true);
    }

    private static ObjectNode schema(JsonNode of, boolean custom) {
        ObjectNode schema = Json.newObject();
        for (Map.Entry<String, JsonNode> member : of.properties()) {
            String key = member.getKey();
            JsonNode value = member.getValue();
            switch (key) {
                case "$ref" -> schema.put(key, reference(value));
                case "allOf" -> {
                    if (value.path(0).has("$ref")) {
                        schema.put("$ref", reference(value.path(0).path("$ref")));
                    }
                }
                case "properties" -> {
                    ObjectNode properties = schema.putObject(key);
                    value.properties()
                            .forEach(property ->
                                    properties.set(
                                            property.getKey(),
                                            schema(property.getValue(), custom)));
                }
                case "items", "additionalProperties" ->
                        schema.set(key, value.isObject() ? schema(value, custom) : value);
                case "oneOf", "anyOf", "not", "nullable" -> {}
                case PRESERVE -> {
                    if (custom) {
                        schema.set(key, value);
                    }
                }
                default -> schema.set(key, value);
            }
        }
        if (custom) {
            relax(schema, of);
        }
        return schema;
    }

    /** Readers of version 2 trip over members of what may be null or anything. */
    private static void relax(ObjectNode schema, JsonNode of) {
        boolean nullable = isNullable(of);
        boolean open = of.path(PRESERVE).asBoolean(false);
        if (nullable || open) {
            schema.remove(List.of("items", "properties"));
        }
        String type = schema.path("type").asString("");
        if (nullable
                || (type.equals("array") && !schema.has("items"))
                || (type.equals("object") && open)) {
            schema.remove("type");
        }
        if (schema.path("required") instanceof ArrayNode required) {
            ArrayNode left = Json.newObject().putArray("required");
            required.forEach(name -> {
                if (!isNullable(of.path("properties").path(name.asString("")))) {
                    left.add(name);
                }
            });
            Json.setOrRemove(schema, "required", left.isEmpty() ? null : left);
        }
    }

    private static boolean isNullable(JsonNode schema) {
        return schema.path("nullable").asBoolean(false);
    }

    private static String reference(JsonNode reference) {
        return reference.asString("").replace(REFERENCE, "#/definitions/");
    }

    private static ObjectNode pathItem(JsonNode of) {
        ObjectNode item = Json.newObject();
        for (Map.Entry<String, JsonNode> member : of.properties()) {
            if (member.getKey().equals("parameters")) {
                addParameters(item.putArray("parameters"), member.getValue());
            } else {
                item.set(member.getKey(), operation(member.getValue()));
            }
        }
        return item;
    }

    private static void addParameters(ArrayNode parameters, JsonNode of) {
        for (ObjectNode given : Json.objects(of)) {
            ObjectNode parameter = parameters.addObject();
            parameter.setAll(given);
            parameter.remove("schema");
            parameter.set("type", given.path("schema").path("type"));
            parameter.put("uniqueItems", true);
        }
    }

    private static ObjectNode operation(JsonNode of) {
        ObjectNode operation = Json.newObject();
        operation.setAll((ObjectNode) of);
        operation.remove(List.of("requestBody", "responses", "parameters"));
        JsonNode content = of.path("requestBody").path("content");
        ArrayNode parameters = operation.putArray("parameters");
        if (content.isObject()) {
            ObjectNode body = parameters.addObject();
            body.put("in", "body").put("name", "body").put("required", true);
            // the forms of a patch have no schema in common
            body.set(
                    "schema",
                    content.size() == 1
                            ? schema(content.iterator().next().path("schema"), false)
                            : Json.newObject());
            ArrayNode consumes = operation.putArray("consumes");
            content.properties().forEach(media -> consumes.add(media.getKey()));
        }
        addParameters(parameters, of.path("parameters"));
        Set<String> types = new LinkedHashSet<>();
        ObjectNode responses = operation.putObject("responses");
        for (Map.Entry<String, JsonNode> answer : of.path("responses").properties()) {
            ObjectNode response = responses.putObject(answer.getKey());
            response.set("description", answer.getValue().path("description"));
            answer.getValue()
                    .path("content")
                    .properties()
                    .forEach(media -> {
                        types.add(media.getKey());
                        response.set("schema", schema(media.getValue().path("schema"), false));
                    });
        }
        ArrayNode produces = operation.putArray("produces");
        types.forEach(produces::add);
        return operation;
    }
}
