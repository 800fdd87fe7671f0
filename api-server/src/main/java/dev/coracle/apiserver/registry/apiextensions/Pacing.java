package dev.coracle.apiserver.registry.apiextensions;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When names are worked on that want it. The first times are at once; who wants it again and again
 * waits: 10 ms doubling to ten seconds. Ten seconds without work on a name and it begins anew.
 *
 * <p>Confined to one thread.
 */
final class Pacing {

    /** As often as this a name is worked on at once. */
    static final int FREE = 10;

    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private record Worked(int times, Instant last) {}

    private final InstantSource clock;
    private final Map<String, Instant> wanted = new LinkedHashMap<>();
    private final Map<String, Worked> worked = new HashMap<>();

    Pacing(InstantSource clock) {
        this.clock = clock;
    }

    /** {@code name} is to be worked on; at a time of this object's choice. */
    void want(String name) {
        Instant now = clock.instant();
        Worked before = worked.get(name);
        Duration wait = before == null ? Duration.ZERO : wait(before);
        Instant at = before == null ? now : before.last().plus(wait);
        wanted.putIfAbsent(name, at.isBefore(now) ? now : at);
    }

    private static Duration wait(Worked before) {
        int over = before.times() - FREE;
        if (over < 0) {
            return Duration.ZERO;
        }
        Duration wait = FIRST.multipliedBy(1L << Math.min(over, 10));
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    /** The names whose time has come; they no longer want it. */
    List<String> due() {
        Instant now = clock.instant();
        worked.values().removeIf(each -> each.last().plus(wait(each)).plus(LONGEST).isBefore(now));
        List<String> due = new ArrayList<>();
        wanted.entrySet().removeIf(each -> !each.getValue().isAfter(now) && due.add(each.getKey()));
        for (String name : due) {
            Worked before = worked.get(name);
            worked.put(name, new Worked(before == null ? 1 : before.times() + 1, now));
        }
        return due;
    }

    /** How long until one is due, at least a millisecond; empty when none wants it. */
    Optional<Duration> untilNext() {
        Instant now = clock.instant();
        return wanted.values().stream()
                .min(Instant::compareTo)
                .map(at -> Duration.between(now, at))
                .map(wait -> wait.toMillis() < 1 ? Duration.ofMillis(1) : wait);
    }
}
