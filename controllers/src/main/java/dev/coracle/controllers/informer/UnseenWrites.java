package dev.coracle.controllers.informer;

import dev.coracle.controllers.workqueue.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a loop created and deleted that its informer has not shown yet.
 *
 * <p>While something is unseen the loop must not count objects, or it creates or deletes them
 * twice. A write that never shows (the object came and went between two lists) is given up after a
 * time limit. Thread-safe.
 */
public final class UnseenWrites<T extends HasMetadata> {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private sealed interface Write {
        NamespacedName name();

        String uid();

        long atNanos();
    }

    private record Created(NamespacedName name, String uid, long atNanos) implements Write {}

    private record Deleted(NamespacedName name, String uid, long atNanos) implements Write {}

    private final Informer<T> informer;
    private final Ticker ticker;
    private final Map<NamespacedName, Set<Write>> writes = new HashMap<>();

    public UnseenWrites(Informer<T> informer, Ticker ticker) {
        this.informer = informer;
        this.ticker = ticker;
    }

    /** Notes that {@code object} was created for {@code owner}. */
    public void created(NamespacedName owner, T object) {
        note(
                owner,
                new Created(
                        NamespacedName.of(object),
                        object.getMetadata().getUid(),
                        ticker.readNanos()));
    }

    /** Notes that {@code object} was deleted for {@code owner}. */
    public void deleted(NamespacedName owner, T object) {
        note(
                owner,
                new Deleted(
                        NamespacedName.of(object),
                        object.getMetadata().getUid(),
                        ticker.readNanos()));
    }

    /** True if the informer shows every write noted for {@code owner}. */
    public synchronized boolean areSeen(NamespacedName owner) {
        Set<Write> open = writes.get(owner);
        if (open == null) {
            return true;
        }
        long now = ticker.readNanos();
        open.removeIf(write -> isSeen(write) || now - write.atNanos() > LIMIT.toNanos());
        if (open.isEmpty()) {
            writes.remove(owner);
            return true;
        }
        return false;
    }

    private synchronized void note(NamespacedName owner, Write write) {
        writes.computeIfAbsent(owner, _ -> new HashSet<>()).add(write);
    }

    private boolean isSeen(Write write) {
        Optional<T> cached =
                informer.find(write.name())
                        .filter(object -> write.uid().equals(object.getMetadata().getUid()));
        return switch (write) {
            case Created _ -> cached.isPresent();
            case Deleted _ ->
                    cached.isEmpty() || cached.get().getMetadata().getDeletionTimestamp() != null;
        };
    }
}
