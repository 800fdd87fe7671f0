package dev.coracle.controllers.daemonset;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How long a pod that ended by itself is left before it is replaced: 1 s at first, twice as long
 * each time, 15 minutes at most; what went well for 30 minutes begins anew. Thread-safe.
 */
final class EndedPods {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofMinutes(15);

    private record Entry(Duration delay, Instant last) {}

    private final Map<String, Entry> entries = new HashMap<>();

    /** How long the pods of {@code place} still have to wait; zero counts as a replacement. */
    synchronized Duration waitBeforeReplacing(String place, Instant now) {
        entries.values().removeIf(entry -> entry.last().plus(MOST.multipliedBy(2)).isBefore(now));
        Entry known = entries.get(place);
        if (known == null) {
            entries.put(place, new Entry(FIRST, now));
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, known.last().plus(known.delay()));
        if (left.isPositive()) {
            return left;
        }
        Duration twice = known.delay().multipliedBy(2);
        entries.put(place, new Entry(twice.compareTo(MOST) > 0 ? MOST : twice, now));
        return Duration.ZERO;
    }
}
