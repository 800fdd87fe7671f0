package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lays an applied configuration over the live object: what it names wins, the rest stays. */
record Merge(SchemaCatalog catalog) {

    /** A new value; neither argument is changed. */
    JsonNode merge(Schema schema, JsonNode live, JsonNode applied) {
        if (!Shape.isThere(applied)) {
            return live.deepCopy();
        }
        if (!Shape.isThere(live)) {
            return applied.deepCopy();
        }
        return switch (Shape.of(catalog, schema, live, applied)) {
            case Shape.Leaf _ -> applied.deepCopy();
            case Shape.Members(Schema members) -> {
                ObjectNode merged = (ObjectNode) live.deepCopy();
                for (Map.Entry<String, JsonNode> entry : applied.properties()) {
                    String name = entry.getKey();
                    merged.set(
                            name,
                            merge(
                                    Shape.below(members, new FieldName(name)),
                                    live.path(name),
                                    entry.getValue()));
                }
                yield merged;
            }
            case Shape.Items items -> items(items, live, applied);
        };
    }

    /**
     * The applied order, with the items that only the live list has where they stood: each before
     * the next item of both.
     */
    private ArrayNode items(Shape.Items items, JsonNode live, JsonNode applied) {
        Map<PathElement, List<JsonNode>> left = Shape.items(live, items.type());
        Map<PathElement, List<JsonNode>> right = Shape.items(applied, items.type());
        ArrayNode merged = Json.MAPPER.createArrayNode();
        Set<PathElement> done = new HashSet<>();
        Iterator<PathElement> rest = left.keySet().iterator();
        for (Map.Entry<PathElement, List<JsonNode>> entry : right.entrySet()) {
            PathElement element = entry.getKey();
            if (left.containsKey(element) && !done.contains(element)) {
                while (rest.hasNext()) {
                    PathElement next = rest.next();
                    done.add(next);
                    if (next.equals(element)) {
                        break;
                    }
                    if (!right.containsKey(next)) {
                        left.getOrDefault(next, List.of()).forEach(merged::add);
                    }
                }
            }
            JsonNode before = left.getOrDefault(element, List.of(Json.newObject())).getFirst();
            JsonNode value = entry.getValue().getFirst();
            merged.add(
                    left.containsKey(element)
                            ? merge(items.items(), before, value)
                            : value.deepCopy());
        }
        rest.forEachRemaining(next -> {
            if (!right.containsKey(next)) {
                left.getOrDefault(next, List.of()).forEach(merged::add);
            }
        });
        return merged;
    }
}
