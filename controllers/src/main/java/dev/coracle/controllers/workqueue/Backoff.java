package dev.coracle.controllers.workqueue;

import java.time.Duration;

/**
 * How long to wait before the n-th retry: doubling from {@code first}, never above {@code limit}.
 */
public record Backoff(Duration first, Duration limit) {

    public Backoff {
        if (first.isNegative() || first.isZero()) {
            throw new IllegalArgumentException("first must be positive, got " + first);
        }
        if (limit.compareTo(first) < 0) {
            throw new IllegalArgumentException("limit " + limit + " is below first " + first);
        }
    }

    /** Five milliseconds to sixteen seconds. */
    public static Backoff standard() {
        return new Backoff(Duration.ofMillis(5), Duration.ofSeconds(16));
    }

    /** The delay after {@code failures} failures in a row, at least one. */
    public Duration after(int failures) {
        if (failures < 1) {
            throw new IllegalArgumentException("failures must be at least 1, got " + failures);
        }
        long nanos = first.toNanos();
        for (int i = 1; i < failures && nanos < limit.toNanos(); i++) {
            nanos *= 2;
        }
        return Duration.ofNanos(Math.min(nanos, limit.toNanos()));
    }
}
