package dev.coracle.controllers.workqueue;

import java.util.Arrays;
import java.util.List;

/** Counts durations by how long they are. Confined to its owner's lock. */
public final class Durations {

    private final List<Double> bounds;
    private final long[] counts;
    private double sumSeconds;

    /** {@code bounds} are the upper ones of the buckets, in seconds; one more has none. */
    public Durations(List<Double> bounds) {
        this.bounds = List.copyOf(bounds);
        this.counts = new long[bounds.size() + 1];
    }

    public void add(long nanos) {
        double seconds = nanos / 1e9;
        int bucket = 0;
        while (bucket < bounds.size() && seconds > bounds.get(bucket)) {
            bucket++;
        }
        counts[bucket]++;
        sumSeconds += seconds;
    }

    public QueueFigures.Durations figures() {
        return new QueueFigures.Durations(
                bounds, Arrays.stream(counts).boxed().toList(), sumSeconds);
    }
}
