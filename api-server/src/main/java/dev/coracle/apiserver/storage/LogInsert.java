package dev.coracle.apiserver.storage;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Statement;
import java.util.ArrayList;
import java.util.List;

/** The statements that append entries, with as few exchanges as the database allows. */
final class LogInsert {

    private static final int COLUMNS = 7;

    private static final String INTO =
            "INSERT INTO revision_log (revision, resource, namespace, name, deleted, json, checksum)"
                    + " VALUES ";

    private LogInsert() {}

    static List<Statement> all(LogDialect dialect, Connection connection, List<Revision> entries) {
        if (entries.isEmpty()) {
            return List.of();
        }
        return switch (dialect) {
            case H2 -> List.of(repeated(connection, entries));
            case POSTGRESQL -> byPowersOfTwo(connection, entries);
        };
    }

    /** One statement that is run for each entry, in this process. */
    private static Statement repeated(Connection connection, List<Revision> entries) {
        Statement statement = connection.createStatement(INTO + row(0));
        for (int i = 0; i < entries.size(); i++) {
            if (i > 0) {
                statement.add();
            }
            bind(statement, 0, entries.get(i));
        }
        return statement;
    }

    /** Statements of many rows, each an exchange; few shapes, so that the server knows them. */
    private static List<Statement> byPowersOfTwo(Connection connection, List<Revision> entries) {
        List<Statement> statements = new ArrayList<>();
        int from = 0;
        while (from < entries.size()) {
            int rows = Integer.highestOneBit(entries.size() - from);
            StringBuilder sql = new StringBuilder(INTO);
            for (int row = 0; row < rows; row++) {
                sql.append(row == 0 ? "" : ", ").append(row(row * COLUMNS));
            }
            Statement statement = connection.createStatement(sql.toString());
            for (int row = 0; row < rows; row++) {
                bind(statement, row * COLUMNS, entries.get(from + row));
            }
            statements.add(statement);
            from += rows;
        }
        return statements;
    }

    private static String row(int offset) {
        StringBuilder row = new StringBuilder("(");
        for (int column = 1; column <= COLUMNS; column++) {
            row.append(column == 1 ? "$" : ", $").append(offset + column);
        }
        return row.append(')').toString();
    }

    private static void bind(Statement statement, int offset, Revision entry) {
        statement
                .bind(offset, entry.number())
                .bind(offset + 1, entry.key().resource())
                .bind(offset + 2, entry.key().name().namespace())
                .bind(offset + 3, entry.key().name().name())
                .bind(offset + 4, entry.deleted())
                .bind(offset + 5, entry.json())
                .bind(offset + 6, Checksum.of(entry));
    }
}
