package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.watch.WatchEvent;
import dev.coracle.apiserver.watch.WatchFrame;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest events as they are sent in the plain JSON form: encoded for the first watcher, and
 * given to the others as they are. Whoever gets a line must not change it. Keeps few, and makes
 * again what it has lost. Thread-safe.
 */
final class EventLines {

    private static final int KEPT = 64;

    private final AtomicReferenceArray<@Nullable Line> lines = new AtomicReferenceArray<>(KEPT);

    /**
     * @param json the stored bytes of the object, which no other object has
     */
    private record Line(
            byte[] json, WatchEvent.Type type, ResourceStrategy strategy, byte[] bytes) {}

    /** The line of a change as {@code strategy} serves it; {@code encode} makes it if need be. */
    @SuppressWarnings("ReferenceEquality") // the same array, not one like it
    byte[] of(WatchFrame.Change change, ResourceStrategy strategy, Supplier<byte[]> encode) {
        int place = (int) (change.object().revision() % KEPT);
        Line kept = lines.get(place);
        if (kept != null
                && kept.json() == change.object().json()
                && kept.type().equals(change.type())
                && kept.strategy().equals(strategy)) {
            return kept.bytes();
        }
        byte[] bytes = encode.get();
        lines.set(place, new Line(change.object().json(), change.type(), strategy, bytes));
        return bytes;
    }
}
