package dev.coracle.apiserver.patch;

import dev.coracle.apiserver.object.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7386, section 2). */
final class MergePatch {

    private MergePatch() {}

    static ObjectNode merge(ObjectNode original, ObjectNode patch) {
        ObjectNode result = original.deepCopy();
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                result.remove(name);
            } else if (value instanceof ObjectNode object) {
                ObjectNode target =
                        result.path(name) instanceof ObjectNode present
                                ? present
                                : Json.newObject();
                result.set(name, merge(target, object));
            } else {
                result.set(name, value.deepCopy());
            }
        }
        return result;
    }
}
