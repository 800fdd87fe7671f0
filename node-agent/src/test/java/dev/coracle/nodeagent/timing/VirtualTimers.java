package dev.coracle.nodeagent.timing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that passes only when a test says so; tasks run on the test's thread. */
public final class VirtualTimers implements Timers, InstantSource {

    private final List<Entry> entries = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Timer after(Duration delay, Runnable task) {
        Entry entry = new Entry(now.plus(delay), task);
        entries.add(entry);
        return () -> cancel(entry);
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /** Lets time pass and runs what falls due, in order. */
    public void advance(Duration by) {
        Instant end = instant().plus(by);
        while (true) {
            Entry next;
            synchronized (this) {
                next =
                        entries.stream()
                                .filter(entry -> !entry.due().isAfter(end))
                                .min(Comparator.comparing(Entry::due))
                                .orElse(null);
                if (next == null) {
                    now = end;
                    return;
                }
                entries.remove(next);
                if (next.due().isAfter(now)) {
                    now = next.due();
                }
            }
            next.task().run();
        }
    }

    private synchronized void cancel(Entry entry) {
        entries.remove(entry);
    }

    private record Entry(Instant due, Runnable task) {}
}
