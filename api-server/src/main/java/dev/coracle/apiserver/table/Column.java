package dev.coracle.apiserver.table;

/**
 * A column's definition.
 *
 * @param type string, integer, number, boolean or date
 * @param format {@code name} for the first column, else empty
 * @param priority 0 is always printed, 1 only with {@code -o wide}
 */
public record Column(String name, String type, String format, int priority, String description) {

    /** A column that explains itself. */
    public Column(String name, String type, String format, int priority) {
        this(name, type, format, priority, name);
    }

    public static Column objectName() {
        return new Column("Name", "string", "name", 0);
    }

    public static Column text(String name) {
        return new Column(name, "string", "", 0);
    }

    public static Column integer(String name) {
        return new Column(name, "integer", "", 0);
    }

    public static Column age() {
        return text("Age");
    }

    /** The same column, printed only with {@code -o wide}. */
    public Column wide() {
        return new Column(name, type, format, 1, description);
    }
}
