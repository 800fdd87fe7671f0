package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.customresource.JsonPath;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code additionalPrinterColumns}: the name, then what the CRD says; the age when it says nothing.
 */
final class CustomColumns implements TablePrinter {

    private record Custom(Column column, Optional<JsonPath> path) {}

    private final List<Custom> custom = new ArrayList<>();

    CustomColumns(JsonNode columns) {
        for (ObjectNode column : Json.objects(columns)) {
            custom.add(
                    new Custom(
                            new Column(
                                    Json.text(column, "name"),
                                    Json.text(column, "type"),
                                    Json.text(column, "format"),
                                    column.path("priority").asInt(0),
                                    description(column)),
                            JsonPath.parse(Json.text(column, "jsonPath"))));
        }
        if (custom.isEmpty()) {
            custom.add(
                    new Custom(
                            new Column("Age", "date", "", 0),
                            JsonPath.parse(".metadata.creationTimestamp")));
        }
    }

    private static String description(ObjectNode column) {
        String given = Json.text(column, "description");
        return given.isEmpty()
                ? "Custom resource definition column (in JSONPath format): "
                        + Json.text(column, "jsonPath")
                : given;
    }

    @Override
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>(List.of(Column.objectName()));
        custom.forEach(each -> columns.add(each.column()));
        return columns;
    }

    @Override
    public List<Object> cells(ApiObject object, Instant now) {
        List<Object> cells = new ArrayList<>(List.of(object.name()));
        for (Custom each : custom) {
            List<JsonNode> found =
                    each.path().map(path -> path.find(object.tree())).orElse(List.of());
            @Nullable Object cell = found.isEmpty() ? null : cell(found, each.column(), now);
            cells.add(cell == null ? "" : cell);
        }
        return cells;
    }

    private static @Nullable Object cell(List<JsonNode> found, Column column, Instant now) {
        JsonNode first = found.getFirst();
        return switch (column.type()) {
            case "integer" -> first.isNumber() ? (Object) first.decimalValue().longValue() : null;
            case "number" -> first.isNumber() ? (Object) first.decimalValue() : null;
            case "boolean" -> first.isBoolean() ? (Object) first.asBoolean() : null;
            case "date" -> first.isString() ? Ages.since(first.asString(), now) : null;
            default ->
                    found.stream()
                            .map(node -> node.isNull() ? "" : node.asString(node.toString()))
                            .collect(Collectors.joining(","));
        };
    }
}
