package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.object.NamespacedName;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The log in one table of a relational database, over R2DBC. Blocks the thread that uses it, which
 * is the store's writer.
 *
 * <p>Holds one connection for its life.
 */
public final class R2dbcLog implements RevisionLog {

    private static final String CREATE =
            """
            CREATE TABLE IF NOT EXISTS revision_log (
              revision BIGINT PRIMARY KEY,
              resource VARCHAR(320) NOT NULL,
              namespace VARCHAR(63) NOT NULL,
              name VARCHAR(253) NOT NULL,
              deleted BOOLEAN NOT NULL,
              json VARBINARY(%d) NOT NULL)
            """
                    .formatted(MAX_OBJECT_BYTES);

    private static final String INSERT =
            "INSERT INTO revision_log (revision, resource, namespace, name, deleted, json)"
                    + " VALUES ($1, $2, $3, $4, $5, $6)";

    private final DatabaseClient database;
    private final Connection connection;

    /**
     * Opens the log, making its table when missing.
     *
     * @throws StoreException if the database cannot be opened
     */
    public R2dbcLog(ConnectionFactory connections) {
        database = DatabaseClient.create(connections);
        try {
            connection = Objects.requireNonNull(Mono.from(connections.create()).block());
            database.sql(CREATE).then().block();
        } catch (RuntimeException e) {
            throw new StoreException("cannot open the database: " + e.getMessage(), e);
        }
    }

    @Override
    public void replay(Consumer<Revision> entry) {
        database.sql(
                        "SELECT revision, resource, namespace, name, deleted, json"
                                + " FROM revision_log ORDER BY revision")
                .map(R2dbcLog::revision)
                .all()
                .doOnNext(entry)
                .then()
                .block();
    }

    @Override
    public void append(List<Revision> entries) {
        try {
            Flux.from(connection.beginTransaction())
                    .thenMany(insert(entries))
                    .then(Mono.from(connection.commitTransaction()))
                    .block();
        } catch (RuntimeException e) {
            rollBack(e);
            throw new StoreException("cannot write the log: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Mono.from(connection.close()).block();
    }

    private Flux<Long> insert(List<Revision> entries) {
        return Flux.defer(() -> {
            Statement statement = connection.createStatement(INSERT);
            for (int i = 0; i < entries.size(); i++) {
                if (i > 0) {
                    statement.add();
                }
                Revision entry = entries.get(i);
                NamespacedName name = entry.key().name();
                statement
                        .bind(0, entry.number())
                        .bind(1, entry.key().resource())
                        .bind(2, name.namespace())
                        .bind(3, name.name())
                        .bind(4, entry.deleted())
                        .bind(5, entry.json());
            }
            return Flux.from(statement.execute()).concatMap(Result::getRowsUpdated);
        });
    }

    private void rollBack(RuntimeException cause) {
        try {
            Mono.from(connection.rollbackTransaction()).block();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private static Revision revision(Readable row) {
        return new Revision(
                required(row, "revision", Long.class),
                new ObjectKey(
                        required(row, "resource", String.class),
                        new NamespacedName(
                                required(row, "namespace", String.class),
                                required(row, "name", String.class))),
                required(row, "deleted", Boolean.class),
                required(row, "json", byte[].class));
    }

    private static <T> T required(Readable row, String column, Class<T> type) {
        return Objects.requireNonNull(row.get(column, type), column);
    }
}
