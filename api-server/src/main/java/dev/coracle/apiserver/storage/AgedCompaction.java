package dev.coracle.apiserver.storage;

import java.time.Duration;
import java.util.function.LongSupplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Compacts what is older than a period, and not yet twice as old, as kube-apiserver does for etcd.
 */
public final class AgedCompaction implements AutoCloseable {

    private final Store store;
    private final LongSupplier newest;
    private final Duration period;
    private final Scheduler scheduler;
    private Disposable timer = Disposables.disposed();

    /**
     * Begins with {@link #start}.
     *
     * @param newest gives the newest revision
     * @param scheduler says what time it is
     */
    public AgedCompaction(Store store, LongSupplier newest, Duration period, Scheduler scheduler) {
        this.store = store;
        this.newest = newest;
        this.period = period;
        this.scheduler = scheduler;
    }

    public void start() {
        timer =
                Flux.interval(period, scheduler)
                        .map(_ -> newest.getAsLong())
                        .buffer(2, 1)
                        .subscribe(marks -> store.compact(marks.getFirst()));
    }

    @Override
    public void close() {
        timer.dispose();
    }
}
