package dev.coracle.cluster.part;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts parts, waits until each is ready, and closes them in the reverse order. */
public final class Startup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Progress progress;
    private final LongSupplier nanoTime;
    private final Deque<Part> started = new ArrayDeque<>();

    public Startup(Progress progress, LongSupplier nanoTime) {
        this.progress = progress;
        this.nanoTime = nanoTime;
    }

    /** Is told of each part that has become ready. */
    @FunctionalInterface
    public interface Progress {
        void ready(Part part);
    }

    /**
     * Starts all side by side and returns when all are ready.
     *
     * @throws StartupException naming the part that failed, or that was not ready in time
     */
    public void run(Part... parts) {
        List<Future<?>> futures = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Part part : parts) {
                synchronized (started) {
                    started.push(part);
                }
                futures.add(threads.submit(() -> start(part)));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StartupException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while starting");
        }
    }

    private void start(Part part) {
        try {
            part.start().call();
        } catch (Exception e) {
            LOG.error("{} did not start", part.name(), e);
            throw new StartupException(part.name() + ": " + reason(e));
        }
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        while (!part.isReady().getAsBoolean()) {
            if (nanoTime.getAsLong() > deadline) {
                throw new StartupException(
                        part.name()
                                + " is not ready after "
                                + PATIENCE.toSeconds()
                                + " s: "
                                + part.describe().get());
            }
            LockSupport.parkNanos(LOOK_NANOS);
            if (Thread.interrupted()) {
                throw new StartupException(part.name() + ": interrupted while starting");
            }
        }
        progress.ready(part);
    }

    /** The innermost message that says something. */
    private static String reason(Throwable failure) {
        String reason = failure.toString();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && !message.isBlank()) {
                reason = message;
            }
        }
        return reason;
    }

    /** Closes what was started, newest first; a failure is logged and does not stop the rest. */
    @Override
    public void close() {
        while (true) {
            Part part;
            synchronized (started) {
                if (started.isEmpty()) {
                    return;
                }
                part = started.pop();
            }
            try {
                part.close().close();
            } catch (Exception e) {
                LOG.warn("{} did not close", part.name(), e);
            }
        }
    }
}
