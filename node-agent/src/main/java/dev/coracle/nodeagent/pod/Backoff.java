package dev.coracle.nodeagent.pod;

import java.time.Duration;
import java.time.Instant;

/**
 * How long to wait before the next restart: nothing at first, then {@code first}, doubling up to
 * {@code longest}; forgotten after a run of twice the longest wait.
 */
final class Backoff {

    private final Duration first;
    private final Duration longest;
    private Duration next = Duration.ZERO;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    /** The wait after a run between these times; the following one is longer. */
    Duration after(Instant startedAt, Instant finishedAt) {
        if (Duration.between(startedAt, finishedAt).compareTo(longest.multipliedBy(2)) >= 0) {
            next = Duration.ZERO;
        }
        return advance();
    }

    /** Another with the same times. */
    ContainerImage forImage() {
        return new ContainerImage(first, longest);
    }

    /** The wait after an attempt that did not even start. */
    Duration advance() {
        Duration now = next;
        next = now.isZero() ? first : shorter(now.multipliedBy(2), longest);
        return now;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
