package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.Selection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Those who listen to one resource, found by what they select: a change of a pod is told to those
 * who listen to its node, its namespace or everything, not to the other nodes'. A listener may be
 * told of what it does not select, and is never left out.
 *
 * <p>Adding and telling need the owner's lock; going does not.
 */
final class ListenerIndex {

    /** Whom a change can matter to; a namespace is the value of the field without a name. */
    private record Bucket(String field, String value) {}

    private static final String NAMESPACE = "";

    private final Listeners<WatchEvent> everything = new Listeners<>();
    private final Map<Bucket, Listeners<WatchEvent>> buckets = new ConcurrentHashMap<>();
    private final List<String> fields = new CopyOnWriteArrayList<>();

    /** Adds a listener; running the answer takes it away again, and is harmless a second time. */
    Runnable add(Selection selection, Consumer<WatchEvent> listener) {
        Optional<Bucket> bucket = bucket(selection);
        if (bucket.isEmpty()) {
            return everything.add(listener);
        }
        Bucket own = bucket.get();
        if (!own.field().equals(NAMESPACE) && !fields.contains(own.field())) {
            fields.add(own.field());
        }
        Runnable[] end = new Runnable[1];
        var _ =
                buckets.compute(
                        own,
                        (_, known) -> {
                            Listeners<WatchEvent> there = known == null ? new Listeners<>() : known;
                            end[0] = there.add(listener);
                            return there;
                        });
        return () -> {
            end[0].run();
            var _ = buckets.computeIfPresent(own, (_, there) -> there.isEmpty() ? null : there);
        };
    }

    private static Optional<Bucket> bucket(Selection selection) {
        Optional<FieldSelector.Exact> exact = selection.fields().exact();
        if (exact.isPresent()) {
            return Optional.of(new Bucket(exact.get().field(), exact.get().value()));
        }
        return selection.namespace().isEmpty()
                ? Optional.empty()
                : Optional.of(new Bucket(NAMESPACE, selection.namespace()));
    }

    void tell(WatchEvent event) {
        everything.tell(event);
        tell(new Bucket(NAMESPACE, event.object().key().namespace()), event);
        for (String field : fields) {
            String after = value(event.object(), field);
            tell(new Bucket(field, after), event);
            String before =
                    switch (event) {
                        case WatchEvent.Added _ -> after;
                        case WatchEvent.Modified modified -> value(modified.previous(), field);
                        case WatchEvent.Deleted deleted -> value(deleted.previous(), field);
                    };
            if (!before.equals(after)) {
                tell(new Bucket(field, before), event);
            }
        }
    }

    private void tell(Bucket bucket, WatchEvent event) {
        Listeners<WatchEvent> there = buckets.get(bucket);
        if (there != null) {
            there.tell(event);
        }
    }

    private static String value(CachedObject object, String field) {
        return object.fields().getOrDefault(field, "");
    }

    int size() {
        return everything.size() + buckets.values().stream().mapToInt(Listeners::size).sum();
    }
}
