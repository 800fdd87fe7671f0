package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {

    @TempDir private Path directory;

    private final List<Revision> objects = new ArrayList<>();

    @BeforeEach
    void snapshot() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 1200; i++) {
            byte[] json = new byte[random.nextInt(400)];
            random.nextBytes(json);
            objects.add(
                    new Revision(
                            10 + i * 2L,
                            new ObjectKey("things", new NamespacedName("default", "a" + i)),
                            false,
                            json));
        }
        save(objects);
    }

    private void save(List<Revision> entries) throws IOException {
        Iterator<byte[]> chunks = SnapshotFormat.write(5000, entries.iterator());
        try (var out = Files.newOutputStream(file())) {
            while (chunks.hasNext()) {
                out.write(chunks.next());
            }
        }
    }

    private Path file() {
        return directory.resolve("snapshot");
    }

    private Path data() {
        return directory.resolve("data");
    }

    private static String print(Revision entry) {
        return entry.number() + " " + entry.key() + " " + Arrays.hashCode(entry.json());
    }

    private List<String> read() throws IOException {
        List<String> found = new ArrayList<>();
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(data())))) {
            found.add("at " + store.start(entry -> found.add(print(entry))));
        }
        return found;
    }

    @Test
    void restoresEveryObjectAndSetsTheRevisionAhead() throws IOException {
        Restore.Result result = Restore.intoDirectory(file(), data());
        assertThat(result).isEqualTo(new Restore.Result(1200, 5000 + Restore.AHEAD, List.of()));
        assertThat(read())
                .isEqualTo(
                        Stream.concat(
                                        objects.stream().map(RestoreTest::print),
                                        Stream.of("at " + (5000 + Restore.AHEAD)))
                                .toList());
    }

    @Test
    void restoresNothing() throws IOException {
        save(List.of());
        assertThat(Restore.intoDirectory(file(), data()).objects()).isZero();
        assertThat(read()).containsExactly("at " + (5000 + Restore.AHEAD));
    }

    @Test
    void setsTheReplacedFilesAside() throws IOException {
        Restore.Result _ = Restore.intoDirectory(file(), data());
        Files.writeString(data().resolve("coracle.mv.db"), "damaged");
        assertThat(Restore.intoDirectory(file(), data()).replaced())
                .containsExactly(
                        data().resolve("coracle.mv.db.replaced-1"),
                        data().resolve("coracle.head.replaced-1"));
        assertThat(data().resolve("coracle.mv.db.replaced-1")).hasContent("damaged");
        assertThat(read()).hasSize(1201);
        assertThat(Restore.intoDirectory(file(), data()).replaced())
                .contains(data().resolve("coracle.mv.db.replaced-2"));
    }

    @Test
    void refusesWhileAServerUsesTheFile() throws IOException {
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(data())))) {
            store.start(_ -> {});
            WriteOutcome _ =
                    store.write(
                                    new Write.Create(
                                            new ObjectKey("things", new NamespacedName("", "a")),
                                            _ -> new byte[0]))
                            .join();
            assertThatThrownBy(() ->
                            Restore.intoDatabase(file(), LogAddress.inDirectory(data()).url()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("has a log already, up to revision 1");
        }
    }

    @Test
    void refusesASnapshotThatWasCutShortOrChanged() throws IOException {
        byte[] content = Files.readAllBytes(file());
        Random random = new Random(4);
        for (int i = 0; i < 50; i++) {
            Files.write(file(), Arrays.copyOf(content, random.nextInt(content.length)));
            refused();
            byte[] changed = content.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            Files.write(file(), changed);
            refused();
        }
        Files.write(file(), "something else".getBytes(StandardCharsets.UTF_8));
        refused();
        assertThat(data()).doesNotExist();
    }

    private void refused() {
        assertThatThrownBy(() -> Restore.intoDirectory(file(), data()))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("the snapshot is not what was written");
    }
}
