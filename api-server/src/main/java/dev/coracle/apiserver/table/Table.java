package dev.coracle.apiserver.table;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds {@code meta.k8s.io/v1} Tables and partial objects. */
public final class Table {

    /** What a row's {@code object} holds: the {@code includeObject} parameter. */
    public enum IncludeObject {
        NONE,
        METADATA,
        OBJECT
    }

    private Table() {}

    public static ObjectNode of(
            TablePrinter printer, List<ApiObject> objects, IncludeObject include, Instant now) {
        ObjectNode table = Json.newObject();
        table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1").putObject("metadata");
        ArrayNode definitions = table.putArray("columnDefinitions");
        for (Column column : printer.columns()) {
            definitions
                    .addObject()
                    .put("name", column.name())
                    .put("type", column.type())
                    .put("format", column.format())
                    .put("description", column.description())
                    .put("priority", column.priority());
        }
        ArrayNode rows = table.putArray("rows");
        for (ApiObject object : objects) {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells");
            printer.cells(object, now).forEach(cells::addPOJO);
            switch (include) {
                case NONE -> {}
                case METADATA -> row.set("object", partial(object));
                case OBJECT -> row.set("object", object.tree());
            }
        }
        return table;
    }

    /** The object's metadata alone, as {@code PartialObjectMetadata}. */
    public static ObjectNode partial(ApiObject object) {
        ObjectNode partial = Json.newObject();
        partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.metadata());
        return partial;
    }
}
