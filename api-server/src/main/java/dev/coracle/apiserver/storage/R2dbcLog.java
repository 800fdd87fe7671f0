package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.StoreException.Reason;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The log in a table of a relational database, over R2DBC. Blocks the thread that uses it, which is
 * the store's writer.
 *
 * <p>Holds one connection; one that failed is thrown away, and the next use makes another and looks
 * what became of the last commit. In a database that others write to, a row lock gives turns, so
 * that revisions become visible in their order.
 */
public final class R2dbcLog implements RevisionLog {

    private static final int PAGE = 2000;

    private static final int BATCH = 512;

    private static final String SELECT =
            "SELECT revision, resource, namespace, name, deleted, json, checksum FROM revision_log"
                    + " WHERE revision > $1 ORDER BY revision LIMIT "
                    + PAGE;

    private static final String STATE = "SELECT head, compacted FROM log_state WHERE id = 1";

    private static final String COMPACT =
            "UPDATE log_state SET compacted = $1 WHERE id = 1 AND compacted < $1";

    private final LogAddress address;
    private final ConnectionFactory connections;
    private final LogDialect dialect;
    private final String self = UUID.randomUUID().toString();
    private final @Nullable HighWaterMark mark;
    private @Nullable Connection connection;
    private @Nullable ForeignWrites foreign;

    /**
     * Opens the log, making or updating its tables.
     *
     * @throws StoreException if the database cannot be opened, or is a newer program's
     */
    public R2dbcLog(LogAddress address) {
        this.address = address;
        connections = ConnectionFactories.get(address.url());
        dialect = LogDialect.of(connections.getMetadata().getName());
        mark = address.mark() == null ? null : HighWaterMark.open(address.mark());
        try {
            LogSchema.ensure(connections, connect(), dialect);
        } catch (RuntimeException e) {
            close();
            throw notStarted("cannot open the database " + address, e);
        }
    }

    private record State(long head, long compacted) {}

    @Override
    public void replay(Follower follower) {
        try {
            Connection open = connect();
            run(open.beginTransaction(dialect.replayIsolation()));
            State state = state(open, STATE);
            follower.compacted(state.compacted());
            long last = readAfter(open, 0, follower::accept);
            run(open.commitTransaction());
            long newest = Math.max(last, state.compacted());
            if (newest != state.head()) {
                throw new StoreException(
                        Reason.CORRUPT,
                        "the log ends at revision %d, its head is %d"
                                .formatted(newest, state.head()));
            }
            if (mark != null) {
                mark.check(newest);
            }
        } catch (RuntimeException e) {
            disconnect();
            throw notStarted("cannot read " + address, e);
        }
    }

    @Override
    public List<Revision> after(long newest) {
        return retried("cannot read the log", () -> after(connect(), newest, STATE));
    }

    @Override
    public Transaction begin(long newest) {
        return retried(
                "cannot write the log",
                () -> {
                    boolean reopened = connection == null;
                    Connection open = connect();
                    run(open.beginTransaction());
                    return new Turn(
                            open,
                            reopened || dialect.isShared()
                                    ? after(open, newest, dialect.lock())
                                    : List.of());
                });
    }

    /** What changes nothing is tried again when the connection may just have grown stale. */
    private <T> T retried(String what, Supplier<T> step) {
        boolean fresh = connection == null;
        try {
            return step.get();
        } catch (RuntimeException e) {
            disconnect();
            if (fresh || e instanceof StoreException) {
                throw StoreException.of(what, e);
            }
        }
        try {
            return step.get();
        } catch (RuntimeException e) {
            disconnect();
            throw StoreException.of(what, e);
        }
    }

    private List<Revision> after(Connection open, long newest, String stateQuery) {
        State state = state(open, stateQuery);
        if (state.compacted() > newest) {
            throw new StoreException(
                    Reason.UNAVAILABLE,
                    "this server knows revision %d, but the log is compacted up to %d; restart it"
                            .formatted(newest, state.compacted()));
        }
        if (state.head() < newest) {
            throw new StoreException(
                    Reason.CORRUPT,
                    "the log ends at revision %d, but revision %d was committed to it"
                            .formatted(state.head(), newest));
        }
        if (state.head() == newest) {
            return List.of();
        }
        List<Revision> entries = new ArrayList<>();
        long _ = readAfter(open, newest, entries::add);
        return entries;
    }

    @Override
    public void compact(long revision) {
        transact(open -> update(open.createStatement(COMPACT).bind(0, revision)));
    }

    @Override
    public void remove(List<Long> revisions) {
        String numbers = revisions.stream().map(String::valueOf).collect(Collectors.joining(", "));
        transact(open ->
                update(
                        open.createStatement(
                                "DELETE FROM revision_log WHERE revision IN (" + numbers + ")")));
    }

    @Override
    public void onForeignWrite(Runnable wake) {
        if (dialect.isShared()) {
            foreign = new ForeignWrites(connections, self, wake);
        }
    }

    @Override
    public void close() {
        if (foreign != null) {
            foreign.close();
        }
        disconnect();
        if (mark != null) {
            mark.close();
        }
    }

    private final class Turn implements Transaction {

        private final Connection open;
        private final List<Revision> earlier;
        private boolean done;

        Turn(Connection open, List<Revision> earlier) {
            this.open = open;
            this.earlier = earlier;
        }

        @Override
        public List<Revision> earlier() {
            return earlier;
        }

        @Override
        public void commit(List<Revision> entries) {
            done = true;
            long head = entries.getLast().number();
            try {
                LogInsert.all(dialect, open, entries).forEach(R2dbcLog.this::update);
                Statement advance = open.createStatement(dialect.advance()).bind(0, head);
                update(dialect.isShared() ? advance.bind(1, self) : advance);
                run(open.commitTransaction());
                makeDurable(open);
            } catch (RuntimeException e) {
                disconnect();
                throw StoreException.of("cannot write the log", e);
            }
            if (mark != null) {
                mark.set(head);
            }
        }

        @Override
        public void close() {
            if (!done) {
                try {
                    run(open.rollbackTransaction());
                } catch (RuntimeException _) {
                    disconnect();
                }
            }
        }
    }

    /** Gives entries in the order of revisions, and says at which revision the log stands then. */
    @FunctionalInterface
    interface Content {
        long giveTo(Consumer<Revision> entries) throws IOException;
    }

    /**
     * Fills an empty log in one transaction; no history is kept.
     *
     * @return the revision of the log
     * @throws StoreException if there is a log already
     */
    long fill(Content content) throws IOException {
        try {
            Connection open = connect();
            run(open.beginTransaction());
            State before = state(open, dialect.lock());
            if (before.head() > 0) {
                throw new StoreException(
                        Reason.UNAVAILABLE,
                        "%s has a log already, up to revision %d"
                                .formatted(address, before.head()));
            }
            List<Revision> batch = new ArrayList<>();
            long head =
                    content.giveTo(entry -> {
                        batch.add(entry);
                        if (batch.size() == BATCH) {
                            LogInsert.all(dialect, open, batch).forEach(this::update);
                            batch.clear();
                        }
                    });
            LogInsert.all(dialect, open, batch).forEach(this::update);
            update(
                    open.createStatement(
                                    "UPDATE log_state SET head = $1, compacted = $1 WHERE id = 1")
                            .bind(0, head));
            run(open.commitTransaction());
            makeDurable(open);
            if (mark != null) {
                mark.set(head);
            }
            return head;
        } catch (RuntimeException e) {
            disconnect();
            throw StoreException.of("cannot fill the log", e);
        }
    }

    private void transact(Consumer<Connection> work) {
        try {
            Connection open = connect();
            run(open.beginTransaction());
            work.accept(open);
            run(open.commitTransaction());
            makeDurable(open);
        } catch (RuntimeException e) {
            disconnect();
            throw StoreException.of("cannot change the log", e);
        }
    }

    private void makeDurable(Connection open) {
        if (!dialect.afterCommit().isEmpty()) {
            update(open.createStatement(dialect.afterCommit()));
        }
    }

    private Connection connect() {
        Connection open = connection;
        if (open == null) {
            open =
                    Objects.requireNonNull(
                            Mono.from(connections.create()).block(dialect.patience()));
            connection = open;
        }
        return open;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                run(open.close());
            } catch (RuntimeException _) {
                // it is of no use any more
            }
        }
    }

    private void run(Publisher<Void> step) {
        Mono.from(step).block(dialect.patience());
    }

    private void update(Statement statement) {
        Flux.from(statement.execute())
                .concatMap(Result::getRowsUpdated)
                .then()
                .block(dialect.patience());
    }

    private State state(Connection open, String query) {
        return Objects.requireNonNull(
                Flux.from(open.createStatement(query).execute())
                        .concatMap(result ->
                                result.map(row ->
                                        new State(
                                                required(row, 0, Long.class),
                                                required(row, 1, Long.class))))
                        .single()
                        .block(dialect.patience()));
    }

    /**
     * Reads a page while the one before is handed over. Returns the last entry's number, or {@code
     * from} when there is none.
     */
    private long readAfter(Connection open, long from, Consumer<Revision> entry) {
        long last = from;
        List<Revision> page = page(open, from);
        while (!page.isEmpty()) {
            last = page.getLast().number();
            long next = last;
            CompletableFuture<List<Revision>> following =
                    page.size() < PAGE
                            ? CompletableFuture.completedFuture(List.of())
                            : CompletableFuture.supplyAsync(() -> page(open, next));
            page.forEach(entry);
            page = joined(following);
        }
        return last;
    }

    /** The whole sentence for whoever starts the server; the database's own words are below it. */
    private static StoreException notStarted(String what, RuntimeException cause) {
        StoreException failure = StoreException.of(what, cause);
        String message = (failure == cause ? what + ": " : "") + failure.getMessage();
        StoreException sentence =
                new StoreException(
                        failure.reason(),
                        failure.reason() == Reason.CORRUPT
                                ? message
                                        + "; nothing was started. A backup replaces it by: coracle"
                                        + " snapshot restore FILE"
                                : message);
        sentence.addSuppressed(failure);
        return sentence;
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    private List<Revision> page(Connection open, long from) {
        return Objects.requireNonNull(
                Flux.from(open.createStatement(SELECT).bind(0, from).execute())
                        .concatMap(result -> result.map(R2dbcLog::revision))
                        .collectList()
                        .block(dialect.patience()));
    }

    private static Revision revision(Readable row) {
        Revision entry =
                new Revision(
                        required(row, 0, Long.class),
                        new ObjectKey(
                                required(row, 1, String.class),
                                new NamespacedName(
                                        required(row, 2, String.class),
                                        required(row, 3, String.class))),
                        required(row, 4, Boolean.class),
                        required(row, 5, byte[].class));
        // an entry of schema version 1 has none
        Long checksum = row.get(6, Long.class);
        if (checksum != null && checksum != Checksum.of(entry)) {
            throw new StoreException(
                    Reason.CORRUPT,
                    "the entry at revision %d, %s %s, is not what was written (checksum)"
                            .formatted(entry.number(), entry.key().resource(), entry.key().name()));
        }
        return entry;
    }

    private static <T> T required(Readable row, int column, Class<T> type) {
        return Objects.requireNonNull(row.get(column, type), () -> "column " + column);
    }
}
