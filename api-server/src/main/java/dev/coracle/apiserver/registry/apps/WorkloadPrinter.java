package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Name, some counts, Age, and with {@code -o wide} containers, images and selector. */
final class WorkloadPrinter implements TablePrinter {

    private final List<Column> counts;
    private final Function<ApiObject, List<Object>> values;

    WorkloadPrinter(List<Column> counts, Function<ApiObject, List<Object>> values) {
        this.counts = counts;
        this.values = values;
    }

    @Override
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.objectName());
        columns.addAll(counts);
        columns.add(Column.age());
        columns.add(Column.text("Containers").wide());
        columns.add(Column.text("Images").wide());
        columns.add(Column.text("Selector").wide());
        return columns;
    }

    @Override
    public List<Object> cells(ApiObject object, Instant now) {
        List<Object> cells = new ArrayList<>();
        cells.add(object.name());
        cells.addAll(values.apply(object));
        cells.add(Ages.since(object.text("metadata.creationTimestamp"), now));
        cells.add(joined(object, "name"));
        cells.add(joined(object, "image"));
        cells.add(Selectors.print(object.at("spec.selector")));
        return cells;
    }

    private static String joined(ApiObject object, String member) {
        return Json.objects(object.at("spec.template.spec.containers")).stream()
                .map(container -> Json.text(container, member))
                .collect(Collectors.joining(","));
    }
}
