package dev.coracle.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class WatchStreamTest {

    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final List<String> seen = new ArrayList<>();
    private long revision;

    private void put(String name, String color) {
        store(name, color, false);
    }

    private void store(String name, String color, boolean deleted) {
        revision++;
        String json =
                "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"%d\",\"labels\":{\"color\":\"%s\"}}}"
                        .formatted(name, revision, color);
        cache.accept(
                new Revision(
                        revision,
                        new ObjectKey("things", new NamespacedName("", name)),
                        deleted,
                        json.getBytes(StandardCharsets.UTF_8)));
    }

    private Disposable watch(String labels, OptionalLong from, boolean sendInitialEvents) {
        return new WatchStream(
                        cache,
                        "things",
                        new Selection(
                                "", LabelSelector.parse(labels), FieldSelector.parse("", Set.of())),
                        new WatchStream.Request(
                                from, false, sendInitialEvents, Duration.ofHours(1)))
                .open()
                .subscribe(frame -> seen.add(print(frame)));
    }

    private static String print(WatchFrame frame) {
        return switch (frame) {
            case WatchFrame.Change(var type, var object) ->
                    type + " " + object.key() + "@" + object.revision();
            case WatchFrame.Bookmark(long at, boolean end) ->
                    "BOOKMARK@" + at + (end ? " end" : "");
            case WatchFrame.TooSlow() -> "TOO SLOW";
        };
    }

    @Test
    void sendsTheCurrentStateAndThenChanges() {
        put("a", "red");
        watch("", OptionalLong.empty(), false);
        put("b", "red");
        store("a", "red", true);
        assertThat(seen).containsExactly("ADDED a@1", "ADDED b@2", "DELETED a@3");
    }

    @Test
    void resumesAfterARevision() {
        put("a", "red");
        put("a", "blue");
        put("b", "red");
        watch("", OptionalLong.of(1), false);
        assertThat(seen).containsExactly("MODIFIED a@2", "ADDED b@3");
    }

    @Test
    void tellsWhoEntersAndLeavesTheSelection() {
        put("a", "blue");
        watch("color=red", OptionalLong.of(1), false);
        put("a", "red");
        put("a", "red");
        put("a", "blue");
        put("a", "green");
        store("a", "green", true);
        assertThat(seen).containsExactly("ADDED a@2", "MODIFIED a@3", "DELETED a@4");
    }

    @Test
    void marksTheEndOfTheInitialEvents() {
        put("a", "red");
        watch("", OptionalLong.of(1), true);
        put("b", "red");
        assertThat(seen).containsExactly("ADDED a@1", "BOOKMARK@1 end", "ADDED b@2");
    }

    @Test
    void refusesARevisionThatIsForgotten() {
        for (int i = 0; i < WatchCache.HISTORY + 2; i++) {
            put("a", "red");
        }
        assertThatThrownBy(() -> watch("", OptionalLong.of(1), false))
                .isInstanceOf(ApiException.class)
                .hasMessageStartingWith("too old resource version: 1");
    }

    @Test
    void cutsAWatcherThatDoesNotRead() {
        put("a", "red");
        var subscriber = new SlowSubscriber();
        new WatchStream(
                        cache,
                        "things",
                        new Selection(
                                "", LabelSelector.parse(""), FieldSelector.parse("", Set.of())),
                        new WatchStream.Request(
                                OptionalLong.of(1), false, false, Duration.ofHours(1)))
                .open()
                .subscribe(subscriber);
        for (int i = 0; i < WatchStream.BUFFER + 10; i++) {
            put("a", "red");
        }
        subscriber.request(Long.MAX_VALUE);
        assertThat(subscriber.frames).hasSizeLessThanOrEqualTo(WatchStream.BUFFER + 1);
        assertThat(subscriber.frames.getLast()).isEqualTo(new WatchFrame.TooSlow());
    }

    /** Asks for nothing until told to. */
    private static final class SlowSubscriber
            extends reactor.core.publisher.BaseSubscriber<WatchFrame> {
        private final List<WatchFrame> frames = new ArrayList<>();

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {}

        @Override
        protected void hookOnNext(WatchFrame frame) {
            frames.add(frame);
        }
    }
}
