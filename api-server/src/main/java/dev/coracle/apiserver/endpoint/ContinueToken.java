package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a list goes on (API concepts, "Retrieving large results sets in chunks"). Opaque to
 * clients.
 *
 * @param revision of the whole list; {@link #NEWEST} when it need not be consistent
 * @param last the key the page before ended with
 */
record ContinueToken(long revision, NamespacedName last) {

    static final long NEWEST = -1;

    private static final String VERSION = "meta.k8s.io/v1";

    String encode() {
        ObjectNode json = Json.newObject();
        json.put("v", VERSION).put("rv", revision);
        json.put("namespace", last.namespace()).put("name", last.name());
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Json.MAPPER.writeValueAsBytes(json));
    }

    /**
     * Reads a token that this server gave out.
     *
     * @throws ApiException 400 for any other text
     */
    static ContinueToken decode(String text) {
        try {
            JsonNode json =
                    Json.MAPPER.readTree(
                            new String(
                                    Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            JsonNode revision = json.path("rv");
            String name = Json.text(json, "name");
            if (Json.text(json, "v").equals(VERSION)
                    && revision.canConvertToLong()
                    && revision.asLong() >= NEWEST
                    && !name.isEmpty()) {
                return new ContinueToken(
                        revision.asLong(), new NamespacedName(Json.text(json, "namespace"), name));
            }
        } catch (IllegalArgumentException | JacksonException _) {
            // refused below
        }
        throw ApiException.badRequest("continue key is not valid: \"" + text + "\"");
    }
}
