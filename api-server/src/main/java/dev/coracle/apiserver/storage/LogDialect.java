package dev.coracle.apiserver.storage;

import io.r2dbc.spi.IsolationLevel;
import java.time.Duration;
import java.util.Locale;

/** What differs between the databases a log may be in. */
enum LogDialect {
    /** A file that one process has for itself. */
    H2(
            "migration/h2/",
            false,
            "SELECT head, compacted FROM log_state WHERE id = 1",
            "UPDATE log_state SET head = $1 WHERE id = 1",
            // by itself H2 hands a commit to the operating system but does not wait for the disk
            "CHECKPOINT SYNC",
            Duration.ofMinutes(2)),

    /** A server that several processes may share. */
    POSTGRESQL(
            "migration/postgresql/",
            true,
            "SELECT head, compacted FROM log_state WHERE id = 1 FOR UPDATE",
            "UPDATE log_state SET head = $1 WHERE id = 1 RETURNING pg_notify('"
                    + LogDialect.CHANNEL
                    + "', $2)",
            "",
            Duration.ofSeconds(10));

    /** Where a writer tells the others, with its own name as the payload. */
    static final String CHANNEL = "coracle_log";

    private final String migrations;
    private final boolean shared;
    private final String lock;
    private final String advance;
    private final String afterCommit;
    private final Duration patience;

    LogDialect(
            String migrations,
            boolean shared,
            String lock,
            String advance,
            String afterCommit,
            Duration patience) {
        this.migrations = migrations;
        this.shared = shared;
        this.lock = lock;
        this.advance = advance;
        this.afterCommit = afterCommit;
        this.patience = patience;
    }

    /**
     * The dialect of a database.
     *
     * @param product as its driver names it
     * @throws IllegalArgumentException for one that is not supported
     */
    static LogDialect of(String product) {
        String name = product.toLowerCase(Locale.ROOT);
        if (name.equals("h2")) {
            return H2;
        }
        if (name.startsWith("postgresql")) {
            return POSTGRESQL;
        }
        throw new IllegalArgumentException(
                "the database '" + product + "' is not supported; expected H2 or PostgreSQL");
    }

    /** The class path folder of its schema's migrations. */
    String migrations() {
        return migrations;
    }

    /** Whether other processes may write. */
    boolean isShared() {
        return shared;
    }

    /** Reads the log's state; in a shared database, and keeps everybody else from writing. */
    String lock() {
        return lock;
    }

    /** Moves the head to {@code $1}; in a shared database, and tells the others. */
    String advance() {
        return advance;
    }

    /** What makes a commit durable; empty for nothing. */
    String afterCommit() {
        return afterCommit;
    }

    /** Lets a replay see one moment. */
    IsolationLevel replayIsolation() {
        return this == POSTGRESQL ? IsolationLevel.REPEATABLE_READ : IsolationLevel.READ_COMMITTED;
    }

    /** How long one exchange with the database may take. */
    Duration patience() {
        return patience;
    }
}
