package dev.coracle.apiserver.storage;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Listens, on a connection of its own, for what other processes write to a PostgreSQL log. Comes
 * back by itself when the database was away.
 */
final class ForeignWrites implements AutoCloseable {

    /** A lost notification, or a connection that died silently, is made up for after this. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    private final Disposable listening;

    /**
     * Starts to listen.
     *
     * @param self the payload of this process' own notifications, which are passed over
     * @param wake runs when others may have written, on a thread that must not be blocked
     */
    ForeignWrites(ConnectionFactory connections, String self, Runnable wake) {
        listening =
                Flux.usingWhen(
                                connections.create(),
                                connection -> listen((PostgresqlConnection) connection, self),
                                connection -> Mono.from(connection.close()).onErrorComplete())
                        .retryWhen(
                                Retry.backoff(Long.MAX_VALUE, FIRST_RETRY)
                                        .maxBackoff(LONGEST_RETRY))
                        .subscribe(_ -> wake.run());
    }

    private static Flux<Boolean> listen(PostgresqlConnection connection, String self) {
        Flux<Boolean> notified =
                connection
                        .getNotifications()
                        .filter(notification -> !self.equals(notification.getParameter()))
                        .map(_ -> true)
                        .concatWith(
                                Flux.error(() -> new IllegalStateException("connection ended")));
        Flux<Boolean> heartbeat =
                Flux.interval(HEARTBEAT)
                        .concatMap(_ ->
                                connection
                                        .createStatement("SELECT 1")
                                        .execute()
                                        .flatMap(result -> result.map((_, _) -> true))
                                        .timeout(HEARTBEAT));
        return connection
                .createStatement("LISTEN " + LogDialect.CHANNEL)
                .execute()
                .flatMap(result -> result.getRowsUpdated())
                .thenMany(Flux.merge(Flux.just(true), notified, heartbeat));
    }

    @Override
    public void close() {
        listening.dispose();
    }
}
