package dev.coracle.apiserver.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one JSON mapper, and the reads of a tree that every strategy needs. Missing members read as
 * empty.
 */
public final class Json {

    /**
     * Reads numbers exactly; rejects text after the document. Member names are not kept in a shared
     * table: managedFields has ever new ones, and each would copy the table.
     */
    public static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build();

    private Json() {}

    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    /** The node at a dotted path, or a missing node. */
    public static JsonNode at(JsonNode node, String path) {
        JsonNode current = node;
        int start = 0;
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', start)) {
            current = current.path(path.substring(start, dot));
            start = dot + 1;
        }
        return current.path(path.substring(start));
    }

    /** The text at a dotted path, or empty. Numbers and booleans read as their text. */
    public static String text(JsonNode node, String path) {
        return at(node, path).asString("");
    }

    /** The object at {@code member}, created when it is missing or not an object. */
    public static ObjectNode object(ObjectNode parent, String member) {
        return parent.path(member) instanceof ObjectNode present
                ? present
                : parent.putObject(member);
    }

    /** The objects in an array; empty when {@code node} is not an array. */
    public static List<ObjectNode> objects(JsonNode node) {
        List<ObjectNode> objects = new ArrayList<>();
        if (node.isArray()) {
            for (JsonNode item : node) {
                if (item instanceof ObjectNode object) {
                    objects.add(object);
                }
            }
        }
        return objects;
    }

    /** The texts in an array; empty when {@code node} is not an array. */
    public static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(item -> texts.add(item.asString("")));
        }
        return texts;
    }

    /** The string members of an object, sorted by name. */
    public static Map<String, String> textMap(JsonNode node) {
        Map<String, String> map = new TreeMap<>();
        if (node instanceof ObjectNode object) {
            object.properties()
                    .forEach(entry -> map.put(entry.getKey(), entry.getValue().asString("")));
        }
        return map;
    }

    /** Whether a member is there and is neither null, "", {} nor []. */
    public static boolean isPresent(JsonNode node) {
        return !node.isMissingNode()
                && !node.isNull()
                && !(node.isString() && node.asString("").isEmpty())
                && !(node.isContainer() && node.isEmpty());
    }

    /** Whether two values are the same in JSON; a number is its value, however it was read. */
    public static boolean same(JsonNode left, JsonNode right) {
        return left.equals(Json::compareNodes, right);
    }

    private static int compareNodes(JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return left.decimalValue().compareTo(right.decimalValue());
        }
        return left.equals(right) ? 0 : 1;
    }

    /** Sets a member unless something is there already. */
    public static void setDefault(ObjectNode object, String member, String value) {
        if (!isPresent(object.path(member))) {
            object.put(member, value);
        }
    }

    /** Sets a member unless something is there already. */
    public static void setDefault(ObjectNode object, String member, long value) {
        JsonNode present = object.path(member);
        if (present.isMissingNode() || present.isNull()) {
            object.put(member, value);
        }
    }

    /** Sets a member, or removes it when {@code value} is null. */
    public static void setOrRemove(ObjectNode object, String member, @Nullable JsonNode value) {
        if (value == null || value.isMissingNode() || value.isNull()) {
            object.remove(member);
        } else {
            object.set(member, value);
        }
    }
}
