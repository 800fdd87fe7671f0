package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Takes fields out of a value; an object or list that is emptied by it goes too. */
record Removal(SchemaCatalog catalog) {

    /** A new value; missing when nothing is left of it. */
    JsonNode remove(Schema schema, JsonNode value, FieldSet fields) {
        if (fields.isEmpty() || value.isEmpty()) {
            return value;
        }
        return switch (Shape.of(catalog, schema, MissingNode.getInstance(), value)) {
            case Shape.Leaf _ -> value;
            case Shape.Members(Schema members) -> {
                ObjectNode left = Json.newObject();
                for (Map.Entry<String, JsonNode> entry : value.properties()) {
                    FieldName element = new FieldName(entry.getKey());
                    if (fields.has(element)) {
                        continue;
                    }
                    JsonNode below =
                            remove(
                                    Shape.below(members, element),
                                    entry.getValue(),
                                    fields.below(element));
                    if (!below.isMissingNode()) {
                        left.set(entry.getKey(), below);
                    }
                }
                yield left.isEmpty() ? MissingNode.getInstance() : left;
            }
            case Shape.Items items -> {
                ArrayNode left = Json.MAPPER.createArrayNode();
                for (Map.Entry<PathElement, List<JsonNode>> entry :
                        Shape.items(value, items.type()).entrySet()) {
                    if (fields.has(entry.getKey())) {
                        continue;
                    }
                    for (JsonNode item : entry.getValue()) {
                        JsonNode below = remove(items.items(), item, fields.below(entry.getKey()));
                        if (!below.isMissingNode()) {
                            left.add(below);
                        }
                    }
                }
                yield left.isEmpty() ? MissingNode.getInstance() : left;
            }
        };
    }
}
