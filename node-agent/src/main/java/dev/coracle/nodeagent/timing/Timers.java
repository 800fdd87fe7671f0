package dev.coracle.nodeagent.timing;

import java.time.Duration;

/** Runs things later. Thread-safe. */
@FunctionalInterface
public interface Timers {

    /** Runs {@code task} once, after {@code delay}, on a thread that it may block. */
    Timer after(Duration delay, Runnable task);

    /** Something that has been put off. */
    @FunctionalInterface
    interface Timer {
        /** Forgets it, unless it has begun. */
        void cancel();
    }
}
