package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.StoreException.Reason;
import dev.coracle.testkit.PostgresServer;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.Result;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** On a PostgreSQL server, which other processes may write to as well. */
class PostgresLogIT extends StoreConformance {

    private static final PostgresServer SERVER = PostgresServer.create();

    private String database = "";

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @BeforeEach
    void newDatabase() {
        database = SERVER.newDatabase();
    }

    @Override
    RevisionLog openLog() {
        return new R2dbcLog(new LogAddress(database, null));
    }

    private static Write create(String name) {
        return new Write.Create(key(name), PostgresLogIT::json);
    }

    private static ObjectKey key(String name) {
        return new ObjectKey("things", new NamespacedName("default", name));
    }

    private static byte[] json(long revision) {
        return ("@" + revision).getBytes(StandardCharsets.UTF_8);
    }

    /** A process with a store on the database. */
    private final class Replica implements AutoCloseable {

        private final List<Revision> followed = new CopyOnWriteArrayList<>();
        private final List<Revision> foreign = new CopyOnWriteArrayList<>();
        private final Store store = new LogStore(openLog());

        Replica() {
            long _ =
                    store.start(
                            new Follower() {
                                @Override
                                public void accept(Revision entry) {
                                    followed.add(entry);
                                }

                                @Override
                                public void foreign(Revision entry) {
                                    foreign.add(entry);
                                }
                            });
        }

        long written(Write write) {
            return ((WriteOutcome.Written) store.write(write).join()).revision().number();
        }

        List<String> seen() {
            return followed.stream()
                    .map(entry -> entry.key() + new String(entry.json(), StandardCharsets.UTF_8))
                    .toList();
        }

        @Override
        public void close() {
            store.close();
        }
    }

    @Nested
    class TwoStores {

        @Test
        void followEachOther() {
            try (Replica one = new Replica();
                    Replica other = new Replica()) {
                long first = one.written(create("a"));
                await().untilAsserted(() ->
                        assertThat(other.foreign).extracting(Revision::number).contains(first));
                long second = other.written(create("b"));
                await().untilAsserted(() ->
                        assertThat(one.foreign).extracting(Revision::number).contains(second));
                assertThat(one.seen()).isEqualTo(other.seen());
            }
        }

        @Test
        void decideInTheDatabaseWhoWasFirst() {
            try (Replica one = new Replica();
                    Replica other = new Replica()) {
                long first = one.written(create("a"));
                assertThat(other.store.write(create("a")).join())
                        .isEqualTo(new WriteOutcome.AlreadyExists());
                long second = other.written(new Write.Update(key("a"), first, PostgresLogIT::json));
                assertThat(
                                one.store
                                        .write(
                                                new Write.Update(
                                                        key("a"), first, PostgresLogIT::json))
                                        .join())
                        .isEqualTo(new WriteOutcome.Conflict(second));
            }
        }

        /** All want to count the same object up; each must win as often as it succeeds. */
        @Test
        void haveOneOrderOfAllWrites() {
            try (Replica one = new Replica();
                    Replica other = new Replica()) {
                List<CompletableFuture<WriteOutcome>> answers = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    answers.add(one.store.write(create("one-" + i)));
                    answers.add(other.store.write(create("other-" + i)));
                    answers.add(one.store.write(create("both-" + i)));
                    answers.add(other.store.write(create("both-" + i)));
                }
                long written =
                        answers.stream()
                                .map(CompletableFuture::join)
                                .filter(WriteOutcome.Written.class::isInstance)
                                .count();
                assertThat(written).isEqualTo(900);
                await().untilAsserted(() -> {
                    assertThat(one.followed).hasSize(900);
                    assertThat(other.seen()).isEqualTo(one.seen());
                });
                assertThat(one.followed)
                        .extracting(Revision::number)
                        .isSorted()
                        .doesNotHaveDuplicates();
            }
        }

        @Test
        void refuseToGoOnBehindTheCompactedHistory() {
            try (Replica one = new Replica();
                    RevisionLog behind = openLog()) {
                behind.replay(_ -> {});
                long first = one.written(create("a"));
                long last = one.written(new Write.Update(key("a"), first, PostgresLogIT::json));
                one.store.compact(last);
                await().untilAsserted(() ->
                        assertThatThrownBy(() -> behind.after(0))
                                .isInstanceOf(StoreException.class)
                                .hasMessageContaining("is compacted up to " + last));
            }
        }
    }

    @Test
    void refusesWritesWhileTheServerIsAwayAndThenGoesOn() {
        try (Replica one = new Replica();
                Replica other = new Replica()) {
            one.written(create("a"));
            SERVER.stop();
            try {
                Throwable refused = catchThrowable(() -> one.written(create("b")));
                assertThat(refused).hasCauseInstanceOf(StoreException.class);
                assertThat(((StoreException) Objects.requireNonNull(refused.getCause())).reason())
                        .isEqualTo(Reason.UNAVAILABLE);
                assertThat(one.store.isOpen()).isTrue();
            } finally {
                SERVER.start();
            }
            one.written(create("b"));
            long last = other.written(create("c"));
            await().untilAsserted(() -> {
                assertThat(one.followed).extracting(Revision::number).contains(last);
                assertThat(one.seen()).isEqualTo(other.seen());
            });
        }
    }

    /** As after a fail-over to a replica that had not got everything. */
    @Test
    void refusesToGoOnWhenCommitsAreMissing() {
        try (Replica one = new Replica()) {
            one.written(create("a"));
            long last = one.written(create("b"));
            change("DELETE FROM revision_log WHERE revision = " + last);
            change("UPDATE log_state SET head = " + (last - 1));
            Throwable refused = catchThrowable(() -> one.written(create("c")));
            assertThat(refused)
                    .hasMessageContaining("revision %d was committed to it".formatted(last));
            assertThat(((StoreException) Objects.requireNonNull(refused.getCause())).reason())
                    .isEqualTo(Reason.CORRUPT);
        }
    }

    private void change(String sql) {
        Connection connection =
                Objects.requireNonNull(
                        Mono.from(ConnectionFactories.get(database).create()).block());
        Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .blockLast();
        Mono.from(connection.close()).block();
    }

    @Test
    void keepsNoCredentialsInMessages() {
        assertThat(new LogAddress("r2dbc:postgresql://me:secret@host/db?sslMode=REQUIRE", null))
                .hasToString("r2dbc:postgresql://host/db");
    }
}
