package dev.coracle.controllers.workqueue;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of keys, as client-go's: a key waits at most once, is handed to one worker at a time, and
 * is queued again after {@link #done} if it was added meanwhile.
 *
 * <p>Thread-safe; the lock protects every field.
 */
public final class WorkQueue<K> {

    private record Delayed<K>(K key, long dueNanos) {}

    private final Backoff backoff;
    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashSet<K> ready = new LinkedHashSet<>();
    private final Set<K> running = new HashSet<>();
    private final Set<K> again = new HashSet<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private final Map<K, Long> due = new HashMap<>();
    private final PriorityQueue<Delayed<K>> delayed =
            new PriorityQueue<>(Comparator.comparingLong(Delayed::dueNanos));
    private final Map<K, Long> queuedAt = new HashMap<>();
    private final Map<K, Long> begunAt = new HashMap<>();
    private final Durations waits = new Durations(QueueFigures.BOUNDS);
    private final Durations works = new Durations(QueueFigures.BOUNDS);
    private long adds;
    private long retries;
    private boolean closed;

    public WorkQueue(Backoff backoff, Ticker ticker) {
        this.backoff = backoff;
        this.ticker = ticker;
    }

    /** Queues {@code key} now. */
    public void add(K key) {
        lock.lock();
        try {
            enqueue(key);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Queues {@code key} after {@code delay}, or when an earlier call said so if that is sooner.
     */
    public void addAfter(K key, Duration delay) {
        if (delay.isNegative() || delay.isZero()) {
            add(key);
            return;
        }
        lock.lock();
        try {
            long at = ticker.readNanos() + delay.toNanos();
            Long known = due.get(key);
            if (closed || (known != null && known - at <= 0)) {
                return;
            }
            due.put(key, at);
            delayed.add(new Delayed<>(key, at));
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Queues {@code key} after the back-off of one more failure. */
    public void retry(K key) {
        lock.lock();
        try {
            retries++;
            addAfter(key, backoff.after(failures.merge(key, 1, Integer::sum)));
        } finally {
            lock.unlock();
        }
    }

    /** Ends the back-off of {@code key}. */
    public void forget(K key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** The next key if there is one; it runs until {@link #done}. */
    public Optional<K> poll() {
        lock.lock();
        try {
            releaseDue();
            var keys = ready.iterator();
            if (closed || !keys.hasNext()) {
                return Optional.empty();
            }
            K key = keys.next();
            keys.remove();
            running.add(key);
            long now = ticker.readNanos();
            Long since = queuedAt.remove(key);
            waits.add(now - (since == null ? now : since));
            begunAt.put(key, now);
            return Optional.of(key);
        } finally {
            lock.unlock();
        }
    }

    /** The next key, waiting for it; empty when the queue is closed. */
    public Optional<K> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Optional<K> key = poll();
                if (key.isPresent()) {
                    return key;
                }
                Delayed<K> next = delayed.peek();
                if (next == null) {
                    changed.await();
                } else {
                    long nanos = next.dueNanos() - ticker.readNanos();
                    boolean _ = changed.await(nanos, TimeUnit.NANOSECONDS);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Says that the work on {@code key}, got from {@link #take} or {@link #poll}, is over. */
    public void done(K key) {
        lock.lock();
        try {
            running.remove(key);
            Long begun = begunAt.remove(key);
            if (begun != null) {
                works.add(ticker.readNanos() - begun);
            }
            if (again.remove(key)) {
                ready.add(key);
                queuedAt.put(key, ticker.readNanos());
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What has happened so far, under {@code name}. */
    public QueueFigures figures(String name) {
        lock.lock();
        try {
            long now = ticker.readNanos();
            double sum = 0;
            double longest = 0;
            for (long begun : begunAt.values()) {
                double seconds = (now - begun) / 1e9;
                sum += seconds;
                longest = Math.max(longest, seconds);
            }
            return new QueueFigures(
                    name,
                    ready.size(),
                    adds,
                    retries,
                    sum,
                    longest,
                    waits.figures(),
                    works.figures());
        } finally {
            lock.unlock();
        }
    }

    /** Wakes all waiting workers; nothing is handed out any more. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void enqueue(K key) {
        if (closed) {
            return;
        }
        boolean isNew = running.contains(key) ? again.add(key) : ready.add(key);
        if (!isNew) {
            return;
        }
        adds++;
        if (!running.contains(key)) {
            queuedAt.put(key, ticker.readNanos());
            changed.signal();
        }
    }

    private void releaseDue() {
        long now = ticker.readNanos();
        while (!delayed.isEmpty() && delayed.element().dueNanos() - now <= 0) {
            Delayed<K> entry = delayed.remove();
            if (due.remove(entry.key(), entry.dueNanos())) {
                enqueue(entry.key());
            }
        }
    }
}
