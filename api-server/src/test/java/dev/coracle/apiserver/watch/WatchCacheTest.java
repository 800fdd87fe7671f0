package dev.coracle.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
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
        cache.compacted(2);

        assertThat(cache.snapshotAt("things", 1)).isEmpty();
        assertThat(at(2)).containsExactly("a@2");
        cache.compacted(1);
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

    private Optional<List<String>> since(long from) {
        List<String> events = new ArrayList<>();
        return cache.listen("things", from, event -> events.add(print(event))).map(_ -> events);
    }

    private static String print(WatchEvent event) {
        return event.getClass().getSimpleName()
                + " "
                + event.object().key()
                + "@"
                + event.object().revision();
    }

    @Nested
    class AfterARestart {

        /** What a log compacted at 5 has: a at 2 and b at 4, which changed again. */
        @BeforeEach
        void replay() {
            cache.compacted(5);
            for (long at : new long[] {2, 4, 6, 8}) {
                revision = at - 1;
                write(at == 2 ? "a" : "b", false);
            }
            revision = 8;
            write("a", true);
        }

        @Test
        void watchesFromRetainedRevisionsGetExactlyWhatCameAfter() {
            assertThat(since(5)).hasValue(List.of("Modified b@6", "Modified b@8", "Deleted a@9"));
            assertThat(since(7)).hasValue(List.of("Modified b@8", "Deleted a@9"));
            assertThat(since(9)).hasValue(List.of());
        }

        @Test
        void watchesFromCompactedRevisionsAreRefused() {
            assertThat(since(4)).isEmpty();
            assertThat(cache.listen("others", 4, _ -> {})).isEmpty();
            assertThat(cache.listen("others", 5, _ -> {})).isPresent();
        }

        @Test
        void listsAreAsTheyWereSinceTheCompaction() {
            assertThat(at(5)).containsExactly("a@2", "b@4");
            assertThat(at(6)).containsExactly("a@2", "b@6");
            assertThat(cache.snapshotAt("things", 4)).isEmpty();
            assertThat(cache.revision()).isEqualTo(9);
        }
    }

    @Test
    void anEmptyLogKeepsItsRevision() {
        cache.compacted(5);

        assertThat(cache.revision()).isEqualTo(5);
    }

    @Test
    void aCompactionForgetsEventsButNotTheQuietResources() {
        write("a", false);
        write("b", false);
        write("a", false);
        cache.compacted(2);

        assertThat(since(1)).isEmpty();
        assertThat(since(2)).hasValue(List.of("Modified a@3"));
        assertThat(cache.listen("others", 0, _ -> {})).isPresent();
    }
}
