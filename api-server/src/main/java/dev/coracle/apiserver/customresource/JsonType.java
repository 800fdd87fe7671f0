package dev.coracle.apiserver.customresource;

import tools.jackson.databind.JsonNode;

/** The names of JSON types in schemas and in messages. */
final class JsonType {

    private JsonType() {}

    static String of(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING, BINARY -> "string";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case BOOLEAN -> "boolean";
            case ARRAY -> "array";
            case OBJECT, POJO -> "object";
            case NULL, MISSING -> "null";
        };
    }
}
