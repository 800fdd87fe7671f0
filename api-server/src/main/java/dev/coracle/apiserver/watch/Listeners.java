package dev.coracle.apiserver.watch;

import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * Who is told of something, in the order of their coming. Coming and going cost the same however
 * many there are. One may come or go while the others are told: who comes then is not told of what
 * is being told. Adding and telling need the owner's lock; going does not.
 */
final class Listeners<T> {

    private final ConcurrentSkipListMap<Long, Consumer<T>> listeners =
            new ConcurrentSkipListMap<>();
    private long next;

    /** Adds a listener; running the answer takes it away again, and is harmless a second time. */
    Runnable add(Consumer<T> listener) {
        long place = next++;
        listeners.put(place, listener);
        return () -> listeners.remove(place);
    }

    void tell(T what) {
        listeners.headMap(next).values().forEach(listener -> listener.accept(what));
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    int size() {
        return listeners.size();
    }
}
