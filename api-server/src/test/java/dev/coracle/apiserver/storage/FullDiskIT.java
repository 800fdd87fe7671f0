package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a small file system that something else fills. */
class FullDiskIT {

    @TempDir private Path directory;

    @BeforeEach
    void mount() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", directory.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", directory.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private static long create(Store store, String name) {
        return ((WriteOutcome.Written)
                        store.write(
                                        new Write.Create(
                                                new ObjectKey(
                                                        "things", new NamespacedName("", name)),
                                                _ -> new byte[20_000]))
                                .join())
                .revision()
                .number();
    }

    private void fill() throws IOException {
        try (var out = Files.newOutputStream(directory.resolve("other"))) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    @Test
    void refusesWritesUntilThereIsRoom() throws IOException {
        List<Long> followed = new ArrayList<>();
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)))) {
            store.start(entry -> followed.add(entry.number()));
            create(store, "first");
            fill();
            Throwable refused =
                    catchThrowable(() -> {
                        for (int i = 0; i < 500; i++) {
                            create(store, "a" + i);
                        }
                    });
            assertThat(refused).hasCauseInstanceOf(StoreException.class);
            assertThat(((StoreException) Objects.requireNonNull(refused.getCause())).reason())
                    .isEqualTo(Reason.FULL);
            assertThat(store.isOpen()).isTrue();
            Files.delete(directory.resolve("other"));
            create(store, "last");
        }
        List<Long> before = List.copyOf(followed);
        followed.clear();
        try (Store store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)))) {
            store.start(entry -> followed.add(entry.number()));
        }
        assertThat(followed).isEqualTo(before);
    }
}
