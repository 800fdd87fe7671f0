package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.storage.StoreException.Reason;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import name.nkonev.r2dbc.migrate.core.BunchOfResourcesEntry;
import name.nkonev.r2dbc.migrate.core.Locker;
import name.nkonev.r2dbc.migrate.core.PostgreSqlAdvisoryLocker;
import name.nkonev.r2dbc.migrate.core.R2dbcMigrate;
import name.nkonev.r2dbc.migrate.core.R2dbcMigrateProperties;
import name.nkonev.r2dbc.migrate.reader.MigrateResource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The tables of the log, brought to the version this program knows: one statement for each version,
 * never changed once released.
 */
final class LogSchema {

    private static final String TABLE = "coracle_migrations";
    private static final String LOCK_TABLE = "coracle_migrations_lock";

    /** In their order; the number in a name is the version it leads to. */
    private static final List<String> MIGRATIONS =
            List.of(
                    "V1__create_revision_log.sql",
                    "V2__add_checksum.sql",
                    "V3__create_log_state.sql",
                    "V4__fill_log_state.sql");

    private LogSchema() {}

    /**
     * Brings the schema up to date.
     *
     * @throws StoreException if it is of a newer version than this program knows
     */
    static void ensure(ConnectionFactory connections, Connection connection, LogDialect dialect) {
        long present = version(connection, dialect);
        if (present > MIGRATIONS.size()) {
            throw new StoreException(
                    Reason.CORRUPT,
                    "the log has schema version %d, written by a newer program; this one knows up to %d"
                            .formatted(present, MIGRATIONS.size()));
        }
        if (present < MIGRATIONS.size()) {
            migrate(connections, dialect).block(dialect.patience());
        }
    }

    private static long version(Connection connection, LogDialect dialect) {
        try {
            return Objects.requireNonNull(
                    Flux.from(
                                    connection
                                            .createStatement(
                                                    "SELECT COALESCE(MAX(id), 0) FROM \""
                                                            + TABLE
                                                            + "\"")
                                            .execute())
                            .concatMap(result ->
                                    result.map(
                                            row -> Objects.requireNonNull(row.get(0, Long.class))))
                            .single()
                            .block(dialect.patience()));
        } catch (R2dbcBadGrammarException _) {
            return 0; // no such table
        }
    }

    private static Mono<Void> migrate(ConnectionFactory connections, LogDialect dialect) {
        R2dbcMigrateProperties properties = new R2dbcMigrateProperties();
        properties.setResources(
                List.of(BunchOfResourcesEntry.ofConventionallyNamedFiles(dialect.migrations())));
        properties.setMigrationsTable(TABLE);
        properties.setMigrationsLockTable(LOCK_TABLE);
        properties.setWaitForDatabase(false);
        return R2dbcMigrate.migrate(
                connections,
                properties,
                folder -> MIGRATIONS.stream().<MigrateResource>map(Script.in(folder)).toList(),
                null,
                switch (dialect) {
                    case H2 -> new NoLock();
                    case POSTGRESQL -> new PostgreSqlAdvisoryLocker(null, LOCK_TABLE);
                });
    }

    private record Script(String folder, String name) implements MigrateResource {

        static Function<String, Script> in(String folder) {
            return name -> new Script(folder, name);
        }

        @Override
        public boolean isReadable() {
            return true;
        }

        @Override
        public InputStream getInputStream() {
            return Objects.requireNonNull(
                    LogSchema.class.getResourceAsStream(folder + name), folder + name);
        }

        @Override
        public String getFilename() {
            return name;
        }
    }

    /** The file is this process' own; a lock in it would outlive the process. */
    private static final class NoLock implements Locker {

        @Override
        public List<String> createInternalTables() {
            return List.of();
        }

        @Override
        public Statement tryAcquireLock(Connection connection) {
            return connection.createStatement("SELECT 1");
        }

        @Override
        public Statement releaseLock(Connection connection) {
            return connection.createStatement("SELECT 1");
        }

        @Override
        public Mono<?> extractResultOrError(Mono<? extends Result> result) {
            return result.flatMap(answer -> Mono.from(answer.map(row -> row.get(0))));
        }
    }
}
