package dev.coracle.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Watchable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a watch told, in its order. Thread-safe. */
final class WatchLog<T extends HasMetadata> implements Watcher<T>, AutoCloseable {

    record Entry<T>(Action action, T object) {}

    private final List<Entry<T>> entries = new CopyOnWriteArrayList<>();
    private @Nullable Watch watch;

    private WatchLog() {}

    static <T extends HasMetadata> WatchLog<T> of(Watchable<T> watched) {
        WatchLog<T> log = new WatchLog<>();
        log.watch = watched.watch(log);
        return log;
    }

    @Override
    public void eventReceived(Action action, T object) {
        entries.add(new Entry<>(action, object));
    }

    @Override
    public void onClose(WatcherException cause) {}

    List<Entry<T>> entries() {
        return entries;
    }

    /** The names of those that appeared or went, in order. */
    List<String> names(Action action) {
        return entries.stream()
                .filter(entry -> entry.action() == action)
                .map(entry -> entry.object().getMetadata().getName())
                .toList();
    }

    /** What changed told, each time. */
    <R> List<R> modified(Function<T, R> told) {
        return entries.stream()
                .filter(entry -> entry.action() == Action.MODIFIED)
                .map(entry -> told.apply(entry.object()))
                .toList();
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
