package dev.coracle.apiserver.storage;

import java.util.concurrent.CompletableFuture;

/**
 * A revisioned key-value store. Thread-safe.
 *
 * <p>Order: {@link #start} once, before any write. The follower first gets every retained revision
 * of the log, then every later one, one at a time in the order of their numbers, each before the
 * write's future completes: who has been answered can read what he wrote.
 */
public interface Store extends AutoCloseable {

    /**
     * Replays the log to {@code follower} and begins to take writes. Returns the newest revision, 0
     * for an empty log.
     */
    long start(Follower follower);

    /**
     * Submits a write. The future completes on the writer's thread, when the write is durable or
     * refused; exceptionally with {@link StoreException} if the log cannot be written. Nothing of
     * it is visible then, unless the log turns out to have it: a failure may come after the commit.
     */
    CompletableFuture<WriteOutcome> write(Write write);

    /**
     * Forgets history: nobody can see the state before {@code revision} any more, and what only
     * that needed is removed from the log, in small steps between the writes.
     */
    void compact(long revision);

    /** Whether it takes writes: started, and not closed. */
    boolean isOpen();

    /** Finishes what is queued and closes the log. */
    @Override
    void close();
}
