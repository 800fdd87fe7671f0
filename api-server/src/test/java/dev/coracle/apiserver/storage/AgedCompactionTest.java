package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.watch.WatchCache;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class AgedCompactionTest {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final Store store = new LogStore(new MemoryLog());
    private final AgedCompaction compaction =
            new AgedCompaction(store, cache::revision, Duration.ofMinutes(5), time);

    @BeforeEach
    void start() {
        store.start(cache);
        compaction.start();
    }

    @AfterEach
    void close() {
        compaction.close();
        store.close();
    }

    private void write(String name) {
        store.write(
                        new Write.Create(
                                new ObjectKey("pods", new NamespacedName("default", name)),
                                _ -> "{}".getBytes(StandardCharsets.UTF_8)))
                .join();
    }

    /** Returns after the writer has done what came before. */
    private void pass(Duration duration, String written) {
        time.advanceTimeBy(duration);
        write(written);
    }

    private boolean isKept(long revision) {
        return cache.snapshotAt("pods", revision).isPresent();
    }

    @Test
    void keepsWhatIsYoungerThanAPeriod() {
        write("a");
        write("b");
        pass(Duration.ofMinutes(5), "c");
        pass(Duration.ofMinutes(4), "d");
        assertThat(isKept(1)).isTrue();
        pass(Duration.ofMinutes(1), "e");
        assertThat(isKept(1)).isFalse();
        assertThat(isKept(2)).isTrue();
        assertThat(isKept(3)).isTrue();
    }

    @Test
    void stopsWhenItIsClosed() {
        write("a");
        write("b");
        compaction.close();
        pass(Duration.ofHours(1), "c");
        assertThat(isKept(1)).isTrue();
    }
}
