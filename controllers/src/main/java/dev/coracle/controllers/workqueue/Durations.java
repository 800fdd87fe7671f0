package dev.coracle.controllers.workqueue;

import java.util.Arrays;

/** Counts durations by their order of magnitude. Confined to its owner's lock. */
final class Durations {

    private final long[] counts = new long[QueueFigures.BOUNDS.size() + 1];
    private double sumSeconds;

    void add(long nanos) {
        double seconds = nanos / 1e9;
        int bucket = 0;
        while (bucket < QueueFigures.BOUNDS.size() && seconds > QueueFigures.BOUNDS.get(bucket)) {
            bucket++;
        }
        counts[bucket]++;
        sumSeconds += seconds;
    }

    QueueFigures.Durations figures() {
        return new QueueFigures.Durations(Arrays.stream(counts).boxed().toList(), sumSeconds);
    }
}
