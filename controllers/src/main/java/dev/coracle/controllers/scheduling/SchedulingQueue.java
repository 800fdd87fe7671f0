package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.Backoff;
import dev.coracle.controllers.workqueue.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pods that want a node, as kube-scheduler keeps them: the active ones by priority and age;
 * those that were refused, until something happens that can help them, or five minutes; and those
 * that wait out a back-off after that, which are tried at once when there is nothing else to do.
 *
 * <p>Otherwise than there, pods of the same priority that have never been tried take turns with
 * those that have: thousands that fit nowhere do not hold up a new one that fits.
 *
 * <p>Thread-safe; the lock protects every field.
 */
final class SchedulingQueue {

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** A pod that wants a node. */
    record Candidate(String uid, NamespacedName name, int priority) {}

    /**
     * How often a pod was tried, this time too.
     *
     * @param sinceNanos when it came
     */
    record Tries(int count, long sinceNanos) {}

    private enum Place {
        ACTIVE,
        BACKOFF,
        FAILED,
        WAITING,
        RUNNING
    }

    private static final class Entry {
        private Candidate candidate;
        private final long number;
        private final long sinceNanos;
        private Place place = Place.ACTIVE;
        private int attempts;
        private boolean again;
        private long begunAt;
        private long endedNanos;
        private long dueNanos;
        private Set<Happening> cures = Set.of();

        Entry(Candidate candidate, long number, long sinceNanos) {
            this.candidate = candidate;
            this.number = number;
            this.sinceNanos = sinceNanos;
        }
    }

    private static final Comparator<Entry> BY_DUE =
            Comparator.comparingLong((Entry entry) -> entry.dueNanos)
                    .thenComparingLong(entry -> entry.number);

    private static final Comparator<Entry> BY_PRIORITY =
            Comparator.comparingInt((Entry entry) -> -entry.candidate.priority())
                    .thenComparingLong(entry -> entry.number);

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Entry> entries = new HashMap<>();
    private final SortedSet<Entry> untried = new TreeSet<>(BY_PRIORITY);
    private final SortedSet<Entry> tried = new TreeSet<>(BY_PRIORITY);
    private final SortedSet<Entry> backoff = new TreeSet<>(BY_DUE);
    private final SortedSet<Entry> failed = new TreeSet<>(BY_DUE);
    private final Map<String, Entry> waiting = new LinkedHashMap<>();
    private final Map<Happening, Long> lastHappened = new EnumMap<>(Happening.class);
    private long happenings;
    private long numbers;
    private boolean triedIsNext;
    private boolean closed;

    SchedulingQueue(Ticker ticker) {
        this.ticker = ticker;
    }

    /** A pod came, or changed so that it may fit now. */
    void add(Candidate candidate) {
        lock.lock();
        try {
            Entry entry = entries.get(candidate.uid());
            if (entry == null) {
                entry = new Entry(candidate, numbers++, ticker.readNanos());
                entries.put(candidate.uid(), entry);
                put(entry, Place.ACTIVE);
            } else if (entry.place == Place.RUNNING) {
                entry.again = true;
            } else if (entry.place != Place.FAILED) {
                take(entry);
                entry.candidate = candidate;
                put(entry, Place.ACTIVE);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Of a pod that runs; one that is gone meanwhile has come just now. */
    Tries tries(String uid) {
        lock.lock();
        try {
            Entry entry = entries.get(uid);
            return entry == null
                    ? new Tries(1, ticker.readNanos())
                    : new Tries(entry.attempts, entry.sinceNanos);
        } finally {
            lock.unlock();
        }
    }

    /** The pod is gone, or has a node. */
    void remove(String uid) {
        lock.lock();
        try {
            Entry entry = entries.remove(uid);
            if (entry != null) {
                take(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets those be tried again that it can help. */
    void happened(Happening happening) {
        lock.lock();
        try {
            lastHappened.put(happening, ++happenings);
            List<Entry> helped =
                    waiting.values().stream()
                            .filter(entry -> entry.cures.contains(happening))
                            .toList();
            for (Entry entry : helped) {
                take(entry);
                put(entry, Place.BACKOFF);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next pod to try if there is one; it runs until one of the three endings. */
    Optional<Candidate> poll() {
        lock.lock();
        try {
            releaseDue();
            SortedSet<Entry> from = next();
            if (closed || from.isEmpty()) {
                return Optional.empty();
            }
            Entry entry = from.first();
            take(entry);
            entry.place = Place.RUNNING;
            entry.attempts++;
            entry.begunAt = happenings;
            return Optional.of(entry.candidate);
        } finally {
            lock.unlock();
        }
    }

    private SortedSet<Entry> next() {
        if (untried.isEmpty() || tried.isEmpty()) {
            return !untried.isEmpty() ? untried : !tried.isEmpty() ? tried : backoff;
        }
        int more =
                Integer.compare(
                        tried.first().candidate.priority(), untried.first().candidate.priority());
        if (more != 0) {
            return more > 0 ? tried : untried;
        }
        triedIsNext = !triedIsNext;
        return triedIsNext ? untried : tried;
    }

    /** The next pod, waiting for it; empty when the queue is closed. */
    Optional<Candidate> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Optional<Candidate> next = poll();
                if (next.isPresent()) {
                    return next;
                }
                long due = nextDue();
                if (due == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    boolean _ = changed.await(due - ticker.readNanos(), TimeUnit.NANOSECONDS);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends a try: no node takes the pod. What happened meanwhile counts.
     *
     * @param cures what can help
     */
    void refused(String uid, Set<Happening> cures) {
        lock.lock();
        try {
            Entry entry = entries.get(uid);
            if (entry == null || entry.place != Place.RUNNING) {
                return;
            }
            entry.endedNanos = ticker.readNanos();
            entry.cures = cures;
            boolean missed =
                    cures.stream().anyMatch(c -> lastHappened.getOrDefault(c, 0L) > entry.begunAt);
            put(entry, entry.again ? Place.ACTIVE : missed ? Place.BACKOFF : Place.WAITING);
            entry.again = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a try that went wrong: the pod is tried again after its back-off, not before. */
    void failed(String uid) {
        lock.lock();
        try {
            Entry entry = entries.get(uid);
            if (entry != null && entry.place == Place.RUNNING) {
                entry.endedNanos = ticker.readNanos();
                entry.again = false;
                put(entry, Place.FAILED);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many pods are in each part, by kube-scheduler's names for them. */
    Map<String, Integer> sizes() {
        lock.lock();
        try {
            return Map.of(
                    "active", untried.size() + tried.size(),
                    "backoff", backoff.size() + failed.size(),
                    "unschedulable", waiting.size());
        } finally {
            lock.unlock();
        }
    }

    /** Wakes who waits; nothing is handed out any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void put(Entry entry, Place place) {
        long now = ticker.readNanos();
        entry.dueNanos =
                switch (place) {
                    case BACKOFF, FAILED ->
                            entry.endedNanos + BACKOFF.after(entry.attempts).toNanos();
                    case WAITING -> now + LONGEST_WAIT.toNanos();
                    case ACTIVE, RUNNING -> now;
                };
        entry.place = place == Place.BACKOFF && entry.dueNanos - now <= 0 ? Place.ACTIVE : place;
        switch (entry.place) {
            case ACTIVE -> active(entry).add(entry);
            case BACKOFF -> backoff.add(entry);
            case FAILED -> failed.add(entry);
            case WAITING -> waiting.put(entry.candidate.uid(), entry);
            case RUNNING -> {}
        }
        changed.signal();
    }

    private void take(Entry entry) {
        switch (entry.place) {
            case ACTIVE -> active(entry).remove(entry);
            case BACKOFF -> backoff.remove(entry);
            case FAILED -> failed.remove(entry);
            case WAITING -> waiting.remove(entry.candidate.uid());
            case RUNNING -> {}
        }
    }

    private SortedSet<Entry> active(Entry entry) {
        return entry.attempts == 0 ? untried : tried;
    }

    private void releaseDue() {
        long now = ticker.readNanos();
        for (SortedSet<Entry> each : List.of(backoff, failed)) {
            while (!each.isEmpty() && each.first().dueNanos - now <= 0) {
                Entry entry = each.first();
                take(entry);
                put(entry, Place.ACTIVE);
            }
        }
        // in the order in which they began to wait
        while (!waiting.isEmpty()) {
            Entry oldest = waiting.values().iterator().next();
            if (oldest.dueNanos - now > 0) {
                return;
            }
            take(oldest);
            put(oldest, Place.ACTIVE);
        }
    }

    private long nextDue() {
        long due = Long.MAX_VALUE;
        if (!failed.isEmpty()) {
            due = failed.first().dueNanos;
        }
        if (!waiting.isEmpty()) {
            due = Math.min(due, waiting.values().iterator().next().dueNanos);
        }
        return due;
    }
}
