package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.object.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The types of apimachinery that a document refers to by name and that are no objects: {@code
 * IntOrString} and {@code Quantity}.
 */
final class SharedTypes {

    private static final String REFERENCE = "#/components/schemas/";
    private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final String IS_QUANTITY = "x-coracle-quantity";

    private SharedTypes() {}

    /** Puts references in the place of these types; adds what it refers to to {@code schemas}. */
    static ObjectNode refer(ObjectNode definition, ObjectNode schemas) {
        for (String member : definition.propertyNames()) {
            JsonNode value = definition.path(member);
            if (value instanceof ObjectNode child) {
                definition.set(member, replaced(child, schemas));
            } else if (value instanceof ArrayNode array) {
                array.forEach(each -> {
                    if (each instanceof ObjectNode child) {
                        refer(child, schemas);
                    }
                });
            }
        }
        return definition;
    }

    private static ObjectNode replaced(ObjectNode schema, ObjectNode schemas) {
        String name = "";
        if (schema.path(IS_QUANTITY).asBoolean(false)) {
            name = QUANTITY;
        } else if (schema.path("format").asString("").equals("int-or-string")) {
            name = INT_OR_STRING;
        }
        if (name.isEmpty()) {
            return refer(schema, schemas);
        }
        if (!schemas.has(name)) {
            ObjectNode shared = schemas.putObject(name);
            shared.putArray("oneOf")
                    .add(Json.newObject().put("type", name.equals(QUANTITY) ? "string" : "integer"))
                    .add(Json.newObject().put("type", name.equals(QUANTITY) ? "number" : "string"));
            if (name.equals(INT_OR_STRING)) {
                shared.put("format", "int-or-string");
            }
        }
        ObjectNode reference = Json.newObject().put("$ref", REFERENCE + name);
        if (!schema.has("description")) {
            return reference;
        }
        ObjectNode described = Json.newObject();
        described.putArray("allOf").add(reference);
        described.set("description", schema.path("description"));
        return described;
    }

    /** These types in version 2, which knows no {@code oneOf}. */
    static void describeInVersion2(ObjectNode definitions) {
        if (definitions.path(INT_OR_STRING) instanceof ObjectNode intOrString) {
            intOrString.put("type", "string").put("format", "int-or-string");
        }
        if (definitions.path(QUANTITY) instanceof ObjectNode quantity) {
            quantity.put("type", "string");
        }
    }
}
