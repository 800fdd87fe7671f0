package dev.coracle.apiserver.openapi;

import com.google.protobuf.CodedOutputStream;
import dev.coracle.apiserver.object.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Swagger 2.0 document as gnostic's {@code openapi.v2.Document}, the only form in which client-go
 * asks for it (google/gnostic, openapiv2/OpenAPIv2.proto). What has no place of its own, extensions
 * and defaults, is carried as text: in JSON, which is YAML too.
 */
final class SwaggerProtobuf {

    private SwaggerProtobuf() {}

    /** A message being written, field by field. */
    private static final class Message {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @FunctionalInterface
        private interface Field {
            void write(CodedOutputStream out) throws IOException;
        }

        private Message write(Field field) {
            try {
                CodedOutputStream out = CodedOutputStream.newInstance(bytes, 512);
                field.write(out);
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        Message text(int number, JsonNode value) {
            return value.isString()
                    ? write(out -> out.writeString(number, value.stringValue()))
                    : this;
        }

        Message text(int number, String value) {
            return write(out -> out.writeString(number, value));
        }

        Message texts(int number, JsonNode values) {
            values.forEach(value -> text(number, value));
            return this;
        }

        Message flag(int number, JsonNode value) {
            return value.asBoolean(false) ? write(out -> out.writeBool(number, true)) : this;
        }

        Message decimal(int number, JsonNode value) {
            return value.isNumber()
                    ? write(out -> out.writeDouble(number, value.doubleValue()))
                    : this;
        }

        Message integer(int number, JsonNode value) {
            return value.isIntegralNumber()
                    ? write(out -> out.writeInt64(number, value.longValue()))
                    : this;
        }

        Message message(int number, Message value) {
            return write(out -> out.writeByteArray(number, value.bytes.toByteArray()));
        }

        /** Nothing when there is none. */
        Message optional(int number, JsonNode value, BiConsumer<Message, JsonNode> content) {
            if (!value.isMissingNode()) {
                Message message = new Message();
                content.accept(message, value);
                message(number, message);
            }
            return this;
        }

        Message each(int number, JsonNode values, BiConsumer<Message, JsonNode> content) {
            values.forEach(value -> optional(number, value, content));
            return this;
        }

        /** A map, as a list of name and value. */
        Message named(int number, JsonNode map, BiConsumer<Message, JsonNode> content) {
            map.properties().forEach(entry -> named(number, entry, content));
            return this;
        }

        private void named(
                int number,
                Map.Entry<String, JsonNode> entry,
                BiConsumer<Message, JsonNode> content) {
            message(
                    number,
                    new Message().text(1, entry.getKey()).optional(2, entry.getValue(), content));
        }

        /** The members that begin with {@code x-}. */
        Message extensions(int number, JsonNode of) {
            of.properties().stream()
                    .filter(entry -> entry.getKey().startsWith("x-"))
                    .forEach(entry -> named(number, entry, SwaggerProtobuf::any));
            return this;
        }
    }

    /** The document on the wire. */
    static byte[] encode(ObjectNode swagger) {
        return new Message()
                .text(1, swagger.path("swagger"))
                .optional(
                        2,
                        swagger.path("info"),
                        (info, of) -> info.text(1, of.path("title")).text(2, of.path("version")))
                .texts(5, swagger.path("schemes"))
                .optional(
                        8,
                        swagger.path("paths"),
                        (paths, of) -> paths.named(2, of, SwaggerProtobuf::path))
                .optional(
                        9,
                        swagger.path("definitions"),
                        (definitions, of) -> definitions.named(1, of, SwaggerProtobuf::schema))
                .each(12, swagger.path("security"), SwaggerProtobuf::requirement)
                .optional(
                        13,
                        swagger.path("securityDefinitions"),
                        (definitions, of) -> definitions.named(1, of, SwaggerProtobuf::apiKey))
                .bytes
                .toByteArray();
    }

    private static void any(Message any, JsonNode value) {
        any.text(2, Json.MAPPER.writeValueAsString(value));
    }

    private static void requirement(Message requirement, JsonNode of) {
        requirement.named(1, of, (scopes, value) -> scopes.texts(1, value));
    }

    private static void apiKey(Message item, JsonNode of) {
        item.optional(
                2,
                of,
                (key, _) ->
                        key.text(1, of.path("type"))
                                .text(2, of.path("name"))
                                .text(3, of.path("in"))
                                .text(4, of.path("description")));
    }

    private static void path(Message item, JsonNode of) {
        item.optional(2, of.path("get"), SwaggerProtobuf::operation)
                .optional(3, of.path("put"), SwaggerProtobuf::operation)
                .optional(4, of.path("post"), SwaggerProtobuf::operation)
                .optional(5, of.path("delete"), SwaggerProtobuf::operation)
                .optional(6, of.path("options"), SwaggerProtobuf::operation)
                .optional(7, of.path("head"), SwaggerProtobuf::operation)
                .optional(8, of.path("patch"), SwaggerProtobuf::operation)
                .each(9, of.path("parameters"), SwaggerProtobuf::parameter)
                .extensions(10, of);
    }

    private static void operation(Message operation, JsonNode of) {
        operation
                .texts(1, of.path("tags"))
                .text(2, of.path("summary"))
                .text(3, of.path("description"))
                .text(5, of.path("operationId"))
                .texts(6, of.path("produces"))
                .texts(7, of.path("consumes"))
                .each(8, of.path("parameters"), SwaggerProtobuf::parameter)
                .optional(
                        9,
                        of.path("responses"),
                        (responses, codes) ->
                                responses.named(
                                        1,
                                        codes,
                                        (value, response) ->
                                                value.optional(
                                                        1, response, SwaggerProtobuf::response)))
                .texts(10, of.path("schemes"))
                .flag(11, of.path("deprecated"))
                .extensions(13, of);
    }

    private static void response(Message response, JsonNode of) {
        response.text(1, of.path("description"))
                .optional(
                        2,
                        of.path("schema"),
                        (item, schema) -> item.optional(1, schema, SwaggerProtobuf::schema));
    }

    /** A {@code ParametersItem}. */
    private static void parameter(Message item, JsonNode of) {
        item.optional(
                1,
                of,
                (parameter, _) -> {
                    if (of.path("in").asString("").equals("body")) {
                        parameter.optional(1, of, SwaggerProtobuf::body);
                    } else {
                        parameter.optional(2, of, SwaggerProtobuf::notBody);
                    }
                });
    }

    private static void body(Message body, JsonNode of) {
        body.text(1, of.path("description"))
                .text(2, of.path("name"))
                .text(3, of.path("in"))
                .flag(4, of.path("required"))
                .optional(5, of.path("schema"), SwaggerProtobuf::schema)
                .extensions(6, of);
    }

    private static void notBody(Message parameter, JsonNode of) {
        String in = of.path("in").asString("");
        // only query parameters have allowEmptyValue, the number before their type
        int type = in.equals("query") ? 6 : 5;
        int message =
                switch (in) {
                    case "header" -> 1;
                    case "query" -> 3;
                    default -> 4;
                };
        parameter.optional(
                message,
                of,
                (content, _) ->
                        content.flag(1, of.path("required"))
                                .text(2, of.path("in"))
                                .text(3, of.path("description"))
                                .text(4, of.path("name"))
                                .text(type, of.path("type"))
                                .text(type + 1, of.path("format"))
                                .flag(type + 14, of.path("uniqueItems")));
    }

    private static void schema(Message schema, JsonNode of) {
        schema.text(1, of.path("$ref"))
                .text(2, of.path("format"))
                .text(3, of.path("title"))
                .text(4, of.path("description"))
                .optional(5, of.path("default"), SwaggerProtobuf::any)
                .decimal(6, of.path("multipleOf"))
                .decimal(7, of.path("maximum"))
                .flag(8, of.path("exclusiveMaximum"))
                .decimal(9, of.path("minimum"))
                .flag(10, of.path("exclusiveMinimum"))
                .integer(11, of.path("maxLength"))
                .integer(12, of.path("minLength"))
                .text(13, of.path("pattern"))
                .integer(14, of.path("maxItems"))
                .integer(15, of.path("minItems"))
                .flag(16, of.path("uniqueItems"))
                .integer(17, of.path("maxProperties"))
                .integer(18, of.path("minProperties"))
                .texts(19, of.path("required"))
                .each(20, of.path("enum"), SwaggerProtobuf::any)
                .optional(21, of.path("additionalProperties"), SwaggerProtobuf::additional)
                .optional(22, of.path("type"), (type, name) -> type.text(1, name))
                .optional(
                        23,
                        of.path("items"),
                        (items, each) -> items.optional(1, each, SwaggerProtobuf::schema))
                .each(24, of.path("allOf"), SwaggerProtobuf::schema)
                .optional(
                        25,
                        of.path("properties"),
                        (properties, map) -> properties.named(1, map, SwaggerProtobuf::schema))
                .extensions(31, of);
    }

    private static void additional(Message item, JsonNode of) {
        if (of.isObject()) {
            item.optional(1, of, SwaggerProtobuf::schema);
        } else {
            item.flag(2, of);
        }
    }
}
