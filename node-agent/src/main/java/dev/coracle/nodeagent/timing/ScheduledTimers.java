package dev.coracle.nodeagent.timing;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One scheduling thread; each task runs on a virtual thread of its own. */
public final class ScheduledTimers implements Timers, AutoCloseable {

    private final ScheduledThreadPoolExecutor scheduler;

    public ScheduledTimers(String name) {
        scheduler =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("timers-" + name).factory());
        scheduler.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        if (scheduler.isShutdown()) {
            return () -> {};
        }
        ScheduledFuture<?> future =
                scheduler.schedule(
                        () -> {
                            Thread _ = Thread.ofVirtual().start(task);
                        },
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
