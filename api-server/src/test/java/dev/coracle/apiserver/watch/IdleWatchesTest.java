package dev.coracle.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Ten thousand watches of one resource that wait for something to happen. */
class IdleWatchesTest {

    private static final int WATCHES = 10_000;

    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final List<List<String>> seen = new ArrayList<>();
    private final List<Disposable> watches = new ArrayList<>();

    @BeforeEach
    void open() {
        for (int i = 0; i < WATCHES; i++) {
            List<String> frames = new ArrayList<>(4);
            seen.add(frames);
            watches.add(watch(Duration.ofMinutes(30)).subscribe(frame -> frames.add(print(frame))));
        }
    }

    private Flux<WatchFrame> watch(Duration timeout) {
        Selection everything =
                new Selection("", LabelSelector.parse(""), FieldSelector.parse("", Set.of()));
        return new WatchStream(
                        cache,
                        "things",
                        everything,
                        new WatchStream.Request(OptionalLong.of(0), true, false, timeout))
                .open();
    }

    @AfterEach
    void close() {
        watches.forEach(Disposable::dispose);
    }

    @Test
    void allSeeTheSameChangesInTheSameOrder() {
        put(1, "a");
        put(2, "b");
        put(3, "a");
        assertThat(seen)
                .allSatisfy(frames -> assertThat(frames).containsExactly("a@1", "b@2", "a@3"));
    }

    @Test
    void allGetTheBookmarks() {
        put(1, "a");
        cache.mark();
        cache.mark();
        assertThat(seen)
                .allSatisfy(frames ->
                        assertThat(frames).containsExactly("a@1", "bookmark@1", "bookmark@1"));
    }

    @Test
    void leaveNothingBehindWhenTheyAreClosed() {
        assertThat(cache.listeners("things")).isEqualTo(WATCHES);
        watches.forEach(Disposable::dispose);
        assertThat(cache.listeners("things")).isZero();
        put(1, "a");
        cache.mark();
        assertThat(seen).allSatisfy(frames -> assertThat(frames).isEmpty());
    }

    @Test
    void oneEndsAtItsTimeoutWithABookmarkAndTheOthersStay() {
        put(1, "a");
        assertThat(watch(Duration.ofMillis(1)).map(IdleWatchesTest::print).collectList().block())
                .containsExactly("a@1", "bookmark@1");
        assertThat(cache.listeners("things")).isEqualTo(WATCHES);
    }

    @Test
    void whoLeavesDuringAnEventDisturbsNobody() {
        Disposable[] first = {() -> {}};
        first[0] =
                cache.listen("things", 0, _ -> first[0].dispose())
                        .<Disposable>map(registration -> registration::close)
                        .orElseThrow();
        put(1, "a");
        put(2, "b");
        assertThat(cache.listeners("things")).isEqualTo(WATCHES);
        assertThat(seen).allSatisfy(frames -> assertThat(frames).containsExactly("a@1", "b@2"));
    }

    @Test
    void whoComesDuringAnEventGetsItOnce() {
        List<Long> late = new ArrayList<>();
        boolean[] come = {false};
        cache.listen(
                "things",
                0,
                _ -> {
                    if (!come[0]) {
                        come[0] = true;
                        cache.listen("things", 0, event -> late.add(event.revision()));
                    }
                });
        put(1, "a");
        put(2, "b");
        assertThat(late).containsExactly(1L, 2L);
    }

    private static String print(WatchFrame frame) {
        return switch (frame) {
            case WatchFrame.Change(_, CachedObject object) ->
                    object.key() + "@" + object.revision();
            case WatchFrame.Bookmark(long at, _) -> "bookmark@" + at;
            case WatchFrame.TooSlow() -> "too slow";
        };
    }

    private void put(long revision, String name) {
        String json =
                "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"%d\"}}"
                        .formatted(name, revision);
        cache.accept(
                new Revision(
                        revision,
                        new ObjectKey("things", new NamespacedName("", name)),
                        false,
                        json.getBytes(StandardCharsets.UTF_8)));
    }
}
