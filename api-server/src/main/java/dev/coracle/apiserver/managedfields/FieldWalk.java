package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.PathElement.FieldName;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The fields a value sets: what an applier owns by sending it. */
record FieldWalk(SchemaCatalog catalog) {

    FieldSet fields(JsonNode value, Schema schema) {
        FieldSet set = new FieldSet();
        switch (Shape.of(catalog, schema, MissingNode.getInstance(), value)) {
            case Shape.Leaf _ -> {}
            case Shape.Members(Schema members) -> {
                for (Map.Entry<String, JsonNode> entry : value.properties()) {
                    FieldName name = new FieldName(entry.getKey());
                    Schema below = Shape.below(members, name);
                    boolean named =
                            members instanceof Schema.Struct struct
                                    && struct.properties().containsKey(entry.getKey());
                    JsonNode member = entry.getValue();
                    set.add(
                            name,
                            !named || isLeaf(member, below) || isNothing(member),
                            fields(member, below));
                }
            }
            case Shape.Items items ->
                    Shape.items(value, items.type())
                            .forEach((element, found) ->
                                    set.add(
                                            element,
                                            true,
                                            fields(found.getFirst(), items.items())));
        }
        return set;
    }

    /** The keys that more than one item of the lists in {@code value} has, as paths. */
    void findDuplicates(JsonNode value, Schema schema, String path, List<String> found) {
        switch (Shape.of(catalog, schema, MissingNode.getInstance(), value)) {
            case Shape.Leaf _ -> {}
            case Shape.Members(Schema members) ->
                    value.properties()
                            .forEach(entry -> {
                                FieldName name = new FieldName(entry.getKey());
                                findDuplicates(
                                        entry.getValue(),
                                        Shape.below(members, name),
                                        path + name.described(),
                                        found);
                            });
            case Shape.Items items ->
                    Shape.items(value, items.type())
                            .forEach((element, alike) -> {
                                if (alike.size() > 1) {
                                    found.add(
                                            path
                                                    + ": duplicate entries for key "
                                                    + element.described());
                                }
                                findDuplicates(
                                        alike.getFirst(),
                                        items.items(),
                                        path + element.described(),
                                        found);
                            });
        }
    }

    private boolean isLeaf(JsonNode value, Schema schema) {
        return Shape.of(catalog, schema, MissingNode.getInstance(), value) instanceof Shape.Leaf;
    }

    private static boolean isNothing(JsonNode value) {
        return value.isNull() || (value.isObject() && value.isEmpty());
    }
}
