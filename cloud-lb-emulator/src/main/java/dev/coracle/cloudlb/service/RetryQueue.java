package dev.coracle.cloudlb.service;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keys and when they are due; a key waits once, for its earliest time. Thread-safe, for one taker.
 */
final class RetryQueue {

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(60);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Long> due = new HashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();

    void add(String key, Duration delay) {
        lock.lock();
        try {
            long at = System.nanoTime() + delay.toNanos();
            due.merge(key, at, (known, wanted) -> known - wanted <= 0 ? known : wanted);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Adds {@code key} after a delay that doubles with each failure. */
    void retry(String key) {
        lock.lock();
        try {
            int count = failures.merge(key, 1, Integer::sum);
            long millis = FIRST_RETRY.toMillis() << Math.min(count - 1, 20);
            add(key, Duration.ofMillis(Math.min(millis, LAST_RETRY.toMillis())));
        } finally {
            lock.unlock();
        }
    }

    void forget(String key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** The next key, when it is due. */
    String take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                var next =
                        due.entrySet().stream()
                                .min(
                                        Comparator.comparingLong(
                                                e -> e.getValue() - System.nanoTime()));
                if (next.isEmpty()) {
                    changed.await();
                    continue;
                }
                long nanos = next.get().getValue() - System.nanoTime();
                if (nanos <= 0) {
                    due.remove(next.get().getKey());
                    return next.get().getKey();
                }
                boolean _ = changed.await(nanos, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }
}
