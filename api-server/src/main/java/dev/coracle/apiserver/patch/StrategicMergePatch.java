package dev.coracle.apiserver.patch;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.Schema.MergeStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Strategic merge patch (kubernetes/community,
 * contributors/devel/sig-api-machinery/strategic-merge-patch.md): a merge patch that merges lists
 * by key where the schema says so, with the directives {@code $patch}, {@code $retainKeys}, {@code
 * $deleteFromPrimitiveList/} and {@code $setElementOrder/}.
 */
final class StrategicMergePatch {

    private static final String DIRECTIVE = "$patch";
    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
    private static final String SET_ORDER = "$setElementOrder/";

    private final SchemaCatalog catalog;

    StrategicMergePatch(SchemaCatalog catalog) {
        this.catalog = catalog;
    }

    ObjectNode merge(ObjectNode original, ObjectNode patch, Schema schema) {
        switch (directive(patch)) {
            case "replace" -> {
                return withoutDirectives(patch);
            }
            case "delete" -> {
                return Json.newObject();
            }
            default -> {}
        }
        ObjectNode result = original.deepCopy();
        if (patch.has(RETAIN_KEYS)) {
            Set<String> retained = new HashSet<>(Json.texts(patch.path(RETAIN_KEYS)));
            List.copyOf(result.propertyNames()).stream()
                    .filter(name -> !retained.contains(name))
                    .forEach(result::remove);
        }
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String name = entry.getKey();
            if (name.startsWith(DELETE_FROM)) {
                deleteScalars(result, name.substring(DELETE_FROM.length()), entry.getValue());
            } else if (!name.startsWith("$")) {
                mergeMember(result, name, entry.getValue(), patch, property(schema, name));
            }
        }
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            String name = entry.getKey();
            String list = name.startsWith(SET_ORDER) ? name.substring(SET_ORDER.length()) : "";
            // a list in the patch was put in order when it was merged
            if (!list.isEmpty()
                    && !patch.has(list)
                    && result.path(list) instanceof ArrayNode present) {
                MergeStrategy merge = catalog.resolve(property(schema, list)).merge();
                result.set(list, ordered(present, present, entry.getValue(), merge.key()));
            }
        }
        return result;
    }

    private void mergeMember(
            ObjectNode result, String name, JsonNode value, ObjectNode patch, Schema schema) {
        JsonNode present = result.path(name);
        Schema resolved = catalog.resolve(schema);
        if (value.isNull()) {
            result.remove(name);
        } else if (value instanceof ObjectNode object) {
            if (directive(object).equals("delete")) {
                result.remove(name);
            } else {
                ObjectNode target = present instanceof ObjectNode there ? there : Json.newObject();
                result.set(name, merge(target, object, resolved));
            }
        } else if (value instanceof ArrayNode items && resolved.merge().merges()) {
            ArrayNode target =
                    present instanceof ArrayNode there ? there : Json.MAPPER.createArrayNode();
            ArrayNode merged = mergeList(target, items, resolved);
            JsonNode order = patch.path(SET_ORDER + name);
            result.set(
                    name,
                    order.isArray()
                            ? ordered(merged, target, order, resolved.merge().key())
                            : merged);
        } else {
            result.set(name, value.deepCopy());
        }
    }

    private ArrayNode mergeList(ArrayNode original, ArrayNode patch, Schema schema) {
        String key = schema.merge().key();
        Schema items = schema instanceof Schema.ListOf list ? list.items() : new Schema.Any();
        List<JsonNode> result = new ArrayList<>();
        original.forEach(result::add);
        if (key == null) {
            for (JsonNode value : patch) {
                if (!result.contains(value)) {
                    result.add(value);
                }
            }
            return array(result);
        }
        boolean replaces =
                Json.objects(patch).stream().anyMatch(item -> directive(item).equals("replace"));
        if (replaces) {
            result.clear();
        }
        for (ObjectNode item : Json.objects(patch)) {
            String directive = directive(item);
            if (directive.equals("replace") && !item.has(key)) {
                continue;
            }
            JsonNode id = item.path(key);
            if (id.isMissingNode()) {
                throw ApiException.badRequest(
                        "map: " + item + " does not contain declared merge key: " + key);
            }
            int at = indexOf(result, key, id);
            if (directive.equals("delete")) {
                result.removeIf(present -> present.path(key).equals(id));
            } else if (at < 0) {
                result.add(withoutDirectives(merge(Json.newObject(), item, items)));
            } else {
                result.set(at, merge((ObjectNode) result.get(at), item, catalog.resolve(items)));
            }
        }
        return array(result);
    }

    /**
     * The merged list in the order the patch asks for; items it does not name keep their place
     * relative to their neighbours in the original list.
     */
    private static ArrayNode ordered(
            ArrayNode merged, ArrayNode original, JsonNode order, @Nullable String key) {
        List<JsonNode> wanted = new ArrayList<>();
        for (JsonNode entry : order) {
            wanted.add(identity(entry, key));
        }
        List<JsonNode> before = new ArrayList<>();
        original.forEach(item -> before.add(identity(item, key)));
        List<JsonNode> named = new ArrayList<>();
        List<JsonNode> others = new ArrayList<>();
        for (JsonNode item : merged) {
            (wanted.contains(identity(item, key)) ? named : others).add(item);
        }
        named.sort((left, right) ->
                Integer.compare(
                        wanted.indexOf(identity(left, key)), wanted.indexOf(identity(right, key))));
        List<JsonNode> result = new ArrayList<>();
        int next = 0;
        for (JsonNode item : named) {
            int place = before.indexOf(identity(item, key));
            while (next < others.size()
                    && place >= 0
                    && before.indexOf(identity(others.get(next), key)) < place) {
                result.add(others.get(next++));
            }
            result.add(item);
        }
        result.addAll(others.subList(next, others.size()));
        return array(result);
    }

    private static JsonNode identity(JsonNode item, @Nullable String key) {
        return key == null || !item.isObject() ? item : item.path(key);
    }

    private static int indexOf(List<JsonNode> items, String key, JsonNode id) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).path(key).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static void deleteScalars(ObjectNode result, String name, JsonNode values) {
        if (result.path(name) instanceof ArrayNode present) {
            List<JsonNode> left = new ArrayList<>();
            Set<JsonNode> deleted = new HashSet<>();
            values.forEach(deleted::add);
            present.forEach(item -> {
                if (!deleted.contains(item)) {
                    left.add(item);
                }
            });
            result.set(name, array(left));
        }
    }

    private Schema property(Schema schema, String name) {
        return switch (catalog.resolve(schema)) {
            case Schema.Struct struct -> struct.properties().getOrDefault(name, new Schema.Any());
            case Schema.MapOf map -> map.values();
            case Schema.ListOf _,
                    Schema.Scalar _,
                    Schema.Quantity _,
                    Schema.Any _,
                    Schema.Reference _ ->
                    new Schema.Any();
        };
    }

    private static String directive(ObjectNode patch) {
        String directive = patch.path(DIRECTIVE).asString("");
        if (!List.of("", "merge", "replace", "delete").contains(directive)) {
            throw ApiException.badRequest("unknown patch type \"" + directive + "\"");
        }
        return directive;
    }

    private static ObjectNode withoutDirectives(ObjectNode node) {
        ObjectNode result = node.deepCopy();
        List.copyOf(result.propertyNames()).stream()
                .filter(name -> name.startsWith("$"))
                .forEach(result::remove);
        return result;
    }

    private static ArrayNode array(List<JsonNode> items) {
        ArrayNode array = Json.MAPPER.createArrayNode();
        items.forEach(item -> array.add(item.deepCopy()));
        return array;
    }
}
