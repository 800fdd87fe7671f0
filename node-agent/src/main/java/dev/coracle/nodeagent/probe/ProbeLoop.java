package dev.coracle.nodeagent.probe;

import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.Objects;

/**
 * Runs one probe of one container run until closed. One look at a time, in virtual threads.
 *
 * <p>Until the first success of a readiness probe, looks come faster than the period (100 ms
 * doubling), so that a program that starts quickly is ready quickly.
 */
public final class ProbeLoop implements AutoCloseable {

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);

    private final ProbeCheck check;
    private final Timers timers;
    private final Listener listener;
    private final boolean hurriesAtFirst;
    private final Duration period;
    private final Duration timeout;
    private final int successThreshold;
    private final int failureThreshold;
    private volatile boolean closed;
    // confined to the look in progress
    private boolean everSucceeded;
    private int successes;
    private int failures;
    private Duration hurry = FIRST_RETRY;

    private ProbeLoop(
            Probe probe,
            ProbeCheck check,
            Timers timers,
            boolean hurriesAtFirst,
            Listener listener) {
        this.check = check;
        this.timers = timers;
        this.listener = listener;
        this.hurriesAtFirst = hurriesAtFirst;
        this.period = seconds(probe.getPeriodSeconds(), 10);
        this.timeout = seconds(probe.getTimeoutSeconds(), 1);
        this.successThreshold = Objects.requireNonNullElse(probe.getSuccessThreshold(), 1);
        this.failureThreshold = Objects.requireNonNullElse(probe.getFailureThreshold(), 3);
    }

    /** Hears of every failed look and of every verdict. Called one at a time, may block. */
    public interface Listener {
        /** A look failed. */
        void failed(String message);

        /** The threshold was reached: after this, the container is, or is not, healthy. */
        void verdict(boolean healthy, String message);
    }

    /** Starts with the probe's initial delay. */
    public static ProbeLoop start(
            Probe probe,
            ProbeCheck check,
            Timers timers,
            boolean hurriesAtFirst,
            Listener listener) {
        ProbeLoop loop = new ProbeLoop(probe, check, timers, hurriesAtFirst, listener);
        Timers.Timer _ = timers.after(seconds(probe.getInitialDelaySeconds(), 0), loop::look);
        return loop;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void look() {
        if (closed) {
            return;
        }
        ProbeCheck.Result result = check.look(timeout);
        if (closed) {
            return;
        }
        if (result.success()) {
            everSucceeded = true;
            failures = 0;
            if (++successes == successThreshold) {
                listener.verdict(true, "");
            }
        } else {
            successes = 0;
            if (everSucceeded || !hurriesAtFirst) {
                listener.failed(result.message());
            }
            if (++failures == failureThreshold) {
                listener.verdict(false, result.message());
                failures = 0;
            }
        }
        Timers.Timer _ = timers.after(pause(), this::look);
    }

    private Duration pause() {
        if (everSucceeded || !hurriesAtFirst || hurry.compareTo(period) >= 0) {
            return period;
        }
        Duration now = hurry;
        hurry = hurry.multipliedBy(2);
        return now;
    }

    private static Duration seconds(@org.jspecify.annotations.Nullable Integer n, int otherwise) {
        return Duration.ofSeconds(Objects.requireNonNullElse(n, otherwise));
    }
}
