package dev.coracle.apiserver.table;

import dev.coracle.apiserver.object.ApiObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A table as a list of columns, each with what fills it. Immutable: each method answers a copy. */
public final class Columns implements TablePrinter {

    /** What fills a cell. */
    private interface Fill {
        Object value(ApiObject object, Instant now);
    }

    private record Filled(Column column, Fill fill) {}

    private final List<Filled> filled;

    private Columns(List<Filled> filled) {
        this.filled = List.copyOf(filled);
    }

    /** Begins with the object's name. */
    public static Columns named() {
        return named(ApiObject::name);
    }

    /** Begins with the object's name, printed in a way of its own. */
    public static Columns named(Function<ApiObject, String> name) {
        return new Columns(
                List.of(new Filled(Column.objectName(), (object, _) -> name.apply(object))));
    }

    /** A column of texts; what is empty is printed empty. */
    public Columns text(String name, Function<ApiObject, String> value) {
        return and(Column.text(name), (object, _) -> value.apply(object));
    }

    /** A column of texts; {@code <none>} for what is empty. */
    public Columns textOrNone(String name, Function<ApiObject, String> value) {
        return text(name, object -> orElse(value.apply(object), "<none>"));
    }

    public Columns integer(String name, Function<ApiObject, Number> value) {
        return and(Column.integer(name), (object, _) -> value.apply(object));
    }

    public Columns flag(String name, Function<ApiObject, Boolean> value) {
        return and(new Column(name, "boolean", "", 0), (object, _) -> value.apply(object));
    }

    /** The time since the RFC 3339 timestamp at a dotted path; {@code <none>} without one. */
    public Columns since(String name, String path) {
        return and(
                Column.text(name),
                (object, now) -> {
                    String time = object.text(path);
                    return time.isEmpty() ? "<none>" : Ages.since(time, now);
                });
    }

    /** A column that needs the time. */
    public Columns timed(
            String name, java.util.function.BiFunction<ApiObject, Instant, String> value) {
        return and(Column.text(name), value::apply);
    }

    public Columns age() {
        return and(
                Column.age(),
                (object, now) -> Ages.since(object.text("metadata.creationTimestamp"), now));
    }

    /** The creation's timestamp, as the default table of kinds without columns has it. */
    public Columns createdAt() {
        return and(
                new Column("Created At", "date", "", 0),
                (object, _) -> object.text("metadata.creationTimestamp"));
    }

    /** The last column only with {@code -o wide}. */
    public Columns wide() {
        List<Filled> all = new ArrayList<>(filled);
        Filled last = all.removeLast();
        all.add(new Filled(last.column().wide(), last.fill()));
        return new Columns(all);
    }

    @Override
    public List<Column> columns() {
        return filled.stream().map(Filled::column).toList();
    }

    @Override
    public List<Object> cells(ApiObject object, Instant now) {
        return filled.stream().map(each -> each.fill().value(object, now)).toList();
    }

    /** {@code text}, or {@code other} when it is empty. */
    public static String orElse(String text, String other) {
        return text.isEmpty() ? other : text;
    }

    private Columns and(Column column, Fill fill) {
        List<Filled> all = new ArrayList<>(filled);
        all.add(new Filled(column, fill));
        return new Columns(all);
    }
}
