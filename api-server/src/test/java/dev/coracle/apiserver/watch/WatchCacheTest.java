package dev.coracle.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchCacheTest {

    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private long revision;

    private void write(String name, boolean deleted) {
        revision++;
        cache.accept(
                new Revision(
                        revision,
                        new ObjectKey("things", new NamespacedName("", name)),
                        deleted,
                        "{\"metadata\":{\"name\":\"%s\"}}"
                                .formatted(name)
                                .getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> at(long earlier) {
        return cache.snapshotAt("things", earlier).orElseThrow().objects().values().stream()
                .map(object -> object.key() + "@" + object.revision())
                .toList();
    }

    @Test
    void showsTheObjectsAsTheyWere() {
        write("a", false);
        write("b", false);
        write("a", false);
        write("b", true);

        assertThat(at(0)).isEmpty();
        assertThat(at(1)).containsExactly("a@1");
        assertThat(at(2)).containsExactly("a@1", "b@2");
        assertThat(at(3)).containsExactly("a@3", "b@2");
        assertThat(at(4)).containsExactly("a@3");
        assertThat(cache.snapshotAt("things", 2).orElseThrow().revision()).isEqualTo(2);
    }

    @Test
    void doesNotKnowTheFuture() {
        write("a", false);

        assertThat(cache.snapshotAt("things", 2)).isEmpty();
    }

    @Test
    void forgetsWhatWasCompacted() {
        write("a", false);
        write("a", false);
        write("a", false);
        cache.compact(2);

        assertThat(cache.snapshotAt("things", 1)).isEmpty();
        assertThat(at(2)).containsExactly("a@2");
        cache.compact(1);
        assertThat(cache.snapshotAt("things", 1)).isEmpty();
    }

    @Test
    void forgetsWhatIsBeyondItsHistory() {
        for (int i = 0; i < WatchCache.HISTORY + 2; i++) {
            write("a", false);
        }

        assertThat(cache.snapshotAt("things", 1)).isEmpty();
        assertThat(at(2)).containsExactly("a@2");
    }
}
