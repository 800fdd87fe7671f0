package dev.coracle.apiserver.patch;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A parsed patch, to be applied to an object once or, after a lost race, again. */
@FunctionalInterface
public interface Patch {

    String JSON = "application/json-patch+json";
    String MERGE = "application/merge-patch+json";
    String STRATEGIC = "application/strategic-merge-patch+json";
    String APPLY = "application/apply-patch+yaml";

    /**
     * The patched copy of {@code original}, which is not changed.
     *
     * @throws ApiException 422 or 400 when the patch does not fit the object
     */
    ObjectNode applyTo(ObjectNode original);

    /**
     * Parses a request body.
     *
     * @param mediaType without parameters
     * @throws ApiException 415 for a media type we do not serve, 400 for a body that is none
     */
    static Patch parse(String mediaType, byte[] body, SchemaCatalog catalog, Schema schema) {
        return switch (mediaType) {
            case JSON -> JsonPatch.parse(tree(body));
            case MERGE -> {
                ObjectNode patch = object(body);
                yield original -> MergePatch.merge(original, patch);
            }
            case STRATEGIC -> {
                ObjectNode patch = object(body);
                yield original -> new StrategicMergePatch(catalog).merge(original, patch, schema);
            }
            default ->
                    throw ApiException.unsupportedMediaType(
                            mediaType, String.join(", ", JSON, MERGE, STRATEGIC, APPLY));
        };
    }

    private static ObjectNode object(byte[] body) {
        if (tree(body) instanceof ObjectNode object) {
            return object;
        }
        throw ApiException.badRequest("the patch is not a JSON object");
    }

    private static JsonNode tree(byte[] body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw ApiException.badRequest("the patch is not JSON: " + e.getOriginalMessage());
        }
    }
}
