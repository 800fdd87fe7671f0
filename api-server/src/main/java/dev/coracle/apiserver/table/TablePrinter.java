package dev.coracle.apiserver.table;

import dev.coracle.apiserver.object.ApiObject;
import java.time.Instant;
import java.util.List;

/** How a resource's objects become rows. */
public interface TablePrinter {

    List<Column> columns();

    /** One cell for each column: a string, a number or a boolean. */
    List<Object> cells(ApiObject object, Instant now);

    /** Name and Age, for kinds with nothing to add. */
    static TablePrinter nameAndAge() {
        return new TablePrinter() {
            @Override
            public List<Column> columns() {
                return List.of(Column.objectName(), Column.age());
            }

            @Override
            public List<Object> cells(ApiObject object, Instant now) {
                return List.of(
                        object.name(), Ages.since(object.text("metadata.creationTimestamp"), now));
            }
        };
    }
}
