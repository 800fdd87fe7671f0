package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.protobuf.ProtobufBody;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.storage.RevisionLog;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Turns a request body into an object of the expected kind. */
final class BodyDecoder {

    /** As kube-apiserver limits requests. */
    private static final int MAX_BODY_BYTES = 3 * RevisionLog.MAX_OBJECT_BYTES;

    static final YAMLMapper YAML = new YAMLMapper();

    private final StructuralCheck structure;

    BodyDecoder(StructuralCheck structure) {
        this.structure = structure;
    }

    /** A decoded object and the warnings to send with the answer. */
    record Decoded(ApiObject object, List<String> warnings) {}

    /** The whole body; empty when there is none. */
    static Mono<byte[]> bytes(ServerRequest request) {
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), MAX_BODY_BYTES)
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0])
                .onErrorMap(
                        DataBufferLimitException.class,
                        _ ->
                                ApiException.tooLarge(
                                        "the request is larger than the limit of "
                                                + MAX_BODY_BYTES
                                                + " bytes"));
    }

    /**
     * Parses JSON, YAML or Kubernetes' protobuf.
     *
     * @throws ApiException 415 for another media type, 400 for a body that is no object
     */
    static ObjectNode tree(ServerRequest request, byte[] body) {
        String type = mediaType(request);
        try {
            JsonNode tree =
                    switch (type) {
                        case "", "application/json" -> Json.MAPPER.readTree(body);
                        case "application/yaml", "application/x-yaml", "text/yaml" ->
                                YAML.readTree(body);
                        case ProtobufBody.MEDIA_TYPE -> ProtobufBody.read(body);
                        default ->
                                throw ApiException.unsupportedMediaType(
                                        type,
                                        "application/json, application/yaml, "
                                                + ProtobufBody.MEDIA_TYPE);
                    };
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw ApiException.badRequest(
                    "the object provided is unrecognized: " + e.getOriginalMessage());
        }
        throw ApiException.badRequest("the object provided is unrecognized: it is no JSON object");
    }

    /**
     * Parses YAML, and JSON as a part of it.
     *
     * @throws ApiException 400 for a body that is no object
     */
    static ObjectNode yaml(byte[] body) {
        try {
            if (YAML.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw ApiException.badRequest("error decoding YAML: " + e.getOriginalMessage());
        }
        throw ApiException.badRequest("error decoding YAML: it is no object");
    }

    /** The media type of the body without its parameters; empty when not given. */
    static String mediaType(ServerRequest request) {
        try {
            return request.headers()
                    .contentType()
                    .map(type -> new MediaType(type.getType(), type.getSubtype()).toString())
                    .orElse("");
        } catch (InvalidMediaTypeException e) {
            throw ApiException.unsupportedMediaType(
                    e.getMediaType(),
                    "application/json, application/yaml, " + ProtobufBody.MEDIA_TYPE);
        }
    }

    /**
     * Holds a tree against the kind's schema, in place: the type must fit, unknown fields go.
     *
     * @param validation the {@code fieldValidation} parameter
     * @param duplicates the paths of members given twice
     */
    Decoded decode(
            ObjectNode tree,
            GroupVersionKind kind,
            String schema,
            String validation,
            List<String> duplicates) {
        String givenVersion = Json.text(tree, "apiVersion");
        if (!givenVersion.isEmpty() && !givenVersion.equals(kind.apiVersion())) {
            throw ApiException.badRequest(
                    "the API version in the data ("
                            + givenVersion
                            + ") does not match the expected API version ("
                            + kind.apiVersion()
                            + ")");
        }
        String givenKind = Json.text(tree, "kind");
        if (!givenKind.isEmpty() && !givenKind.equals(kind.kind())) {
            throw ApiException.badRequest(
                    "the kind in the data ("
                            + givenKind
                            + ") does not match the expected kind ("
                            + kind.kind()
                            + ")");
        }
        ObjectNode ordered = Json.newObject().put("kind", kind.kind());
        ordered.put("apiVersion", kind.apiVersion());
        tree.remove(List.of("kind", "apiVersion"));
        ordered.setAll(tree);
        StructuralCheck.Pruned pruned = structure.prune(ordered, schema);
        String prefix =
                kind.kind()
                        + " in version \""
                        + kind.version()
                        + "\" cannot be handled as a "
                        + kind.kind()
                        + ": ";
        if (pruned.mismatch() != null) {
            throw ApiException.badRequest(prefix + pruned.mismatch());
        }
        List<String> findings = new ArrayList<>();
        pruned.unknown().forEach(path -> findings.add("unknown field \"" + path + "\""));
        duplicates.forEach(path -> findings.add("duplicate field \"" + path + "\""));
        return switch (validation) {
            case "Strict" -> {
                if (!findings.isEmpty()) {
                    throw ApiException.badRequest(
                            prefix + "strict decoding error: " + String.join(", ", findings));
                }
                yield new Decoded(new ApiObject(ordered), List.of());
            }
            case "", "Warn" -> new Decoded(new ApiObject(ordered), findings);
            case "Ignore" -> new Decoded(new ApiObject(ordered), List.of());
            default ->
                    throw ApiException.badRequest(
                            "invalid query parameter fieldValidation: \""
                                    + validation
                                    + "\": must be Ignore, Warn or Strict");
        };
    }
}
