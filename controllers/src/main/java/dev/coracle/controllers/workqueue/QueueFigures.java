package dev.coracle.controllers.workqueue;

import java.util.List;

/**
 * What a work queue has to say of itself.
 *
 * @param depth keys that wait for a worker
 * @param adds keys that were queued, also by retries
 * @param unfinishedSeconds the sum of how long running work takes already
 * @param longestSeconds the longest of them
 * @param waits how long keys waited
 * @param works how long work took
 */
public record QueueFigures(
        String name,
        int depth,
        long adds,
        long retries,
        double unfinishedSeconds,
        double longestSeconds,
        Durations waits,
        Durations works) {

    /** Upper bounds of the buckets in seconds; the last one has none. */
    public static final List<Double> BOUNDS =
            List.of(1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0);

    /**
     * Counted durations.
     *
     * @param bounds upper bounds of the buckets in seconds
     * @param counts how many are in each bucket, and above the last
     */
    public record Durations(List<Double> bounds, List<Long> counts, double sumSeconds) {

        public Durations {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }
    }
}
