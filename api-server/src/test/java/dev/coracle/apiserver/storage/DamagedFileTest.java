package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A log that is not what was written: nothing is started on it, and the message says what it is.
 */
class DamagedFileTest {

    private static final int OBJECTS = 100;

    @TempDir private Path directory;

    private List<String> written = List.of();

    @BeforeEach
    void write() throws IOException {
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)))) {
            store.start(_ -> {});
            Random random = new Random(1);
            for (int i = 0; i < OBJECTS; i++) {
                byte[] json = new byte[200 + random.nextInt(2000)];
                random.nextBytes(json);
                WriteOutcome _ =
                        store.write(
                                        new Write.Create(
                                                new ObjectKey(
                                                        "things", new NamespacedName("", "a" + i)),
                                                _ -> json))
                                .join();
            }
        }
        written = read();
        assertThat(written).hasSize(OBJECTS);
    }

    private List<String> read() throws IOException {
        List<String> entries = new ArrayList<>();
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)))) {
            store.start(entry -> entries.add(entry.number() + Arrays.toString(entry.json())));
        }
        return entries;
    }

    private Path database() {
        return directory.resolve("coracle.mv.db");
    }

    private void change(String sql) throws IOException {
        String url = LogAddress.inDirectory(directory).url();
        Connection connection =
                Objects.requireNonNull(Mono.from(ConnectionFactories.get(url).create()).block());
        Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .blockLast();
        Mono.from(connection.close()).block();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 50})
    void refusesAFileThatWasCutShort(int percent) throws IOException {
        byte[] content = Files.readAllBytes(database());
        Files.write(database(), Arrays.copyOf(content, content.length * percent / 100));
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .satisfies(refusal ->
                        assertThat(((StoreException) refusal).reason())
                                .as(refusal.getMessage())
                                .isEqualTo(StoreException.Reason.CORRUPT));
    }

    @Test
    void readsAllOrNothingOfAFileWithAChangedByte() throws IOException {
        byte[] content = Files.readAllBytes(database());
        byte[] mark = Files.readAllBytes(directory.resolve("coracle.head"));
        Random random = new Random(2);
        int refused = 0;
        for (int i = 0; i < 12; i++) {
            byte[] changed = content.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            Files.write(database(), changed);
            Files.write(directory.resolve("coracle.head"), mark);
            try {
                assertThat(read()).as("change %s", i).isEqualTo(written);
            } catch (StoreException _) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void namesTheEntryThatIsNotWhatWasWritten() throws IOException {
        change("UPDATE revision_log SET json = X'00' WHERE revision = 7");
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(
                        "the entry at revision 7, things a6, is not what was written");
    }

    @Test
    void refusesALogWhoseEndIsMissing() throws IOException {
        change("DELETE FROM revision_log WHERE revision = " + OBJECTS);
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("ends at revision 99");
    }

    @Test
    void refusesAnOlderCopyOfTheFile() throws IOException {
        Path copy = directory.resolve("copy");
        Files.copy(database(), copy);
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)))) {
            store.start(_ -> {});
            WriteOutcome _ =
                    store.write(
                                    new Write.Create(
                                            new ObjectKey("things", new NamespacedName("", "new")),
                                            _ -> new byte[1]))
                            .join();
        }
        Files.copy(copy, database(), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("ends at revision 100, but revision 101 was committed");
    }

    @Test
    void refusesAFileOfANewerVersion() throws IOException {
        change("INSERT INTO \"coracle_migrations\" (id, description) VALUES (99, 'later')");
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("schema version 99, written by a newer program");
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws IOException {
        Files.writeString(database(), "not a database".repeat(1000));
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(database().toString().replace(".mv.db", ""));
    }

    /** Written by the program before it had checksums. */
    @Test
    void takesOverAFileOfTheFirstVersion() throws IOException {
        Path old = directory.resolve("old");
        Files.createDirectories(old);
        directory = old;
        change(
                """
                CREATE TABLE revision_log (
                  revision BIGINT PRIMARY KEY,
                  resource VARCHAR(320) NOT NULL,
                  namespace VARCHAR(63) NOT NULL,
                  name VARCHAR(253) NOT NULL,
                  deleted BOOLEAN NOT NULL,
                  json VARBINARY(1048576) NOT NULL)
                """);
        change("INSERT INTO revision_log VALUES (3, 'things', '', 'a', FALSE, X'01')");
        assertThat(read()).containsExactly("3[1]");
        assertThat(read()).containsExactly("3[1]");
    }
}
