package dev.coracle.nodeagent.server;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes from an event loop to a thread that reads them. What comes is never refused, but the
 * throttle is told when much of it waits. The lock protects everything.
 */
final class InboundPipe extends InputStream {

    private static final int MUCH = 1024 * 1024;

    private final ReadThrottle throttle;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private int waiting;
    private boolean throttled;
    private boolean ended;

    InboundPipe(ReadThrottle throttle) {
        this.throttle = throttle;
    }

    /** Adds bytes; ignored after the end. */
    void add(byte[] bytes) {
        lock.lock();
        try {
            if (ended || bytes.length == 0) {
                return;
            }
            pieces.add(bytes);
            waiting += bytes.length;
            if (!throttled && waiting > MUCH) {
                throttled = true;
                throttle.pause();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What was added can still be read. Idempotent. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The reader wants no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            ended = true;
            pieces.clear();
            waiting = 0;
            offset = 0;
            unthrottle();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) {
        lock.lock();
        try {
            while (pieces.isEmpty()) {
                if (ended) {
                    return -1;
                }
                changed.awaitUninterruptibly();
            }
            byte[] piece = pieces.getFirst();
            int count = Math.min(length, piece.length - offset);
            System.arraycopy(piece, offset, target, from, count);
            offset += count;
            waiting -= count;
            if (offset == piece.length) {
                pieces.removeFirst();
                offset = 0;
            }
            if (waiting < MUCH / 2) {
                unthrottle();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void unthrottle() {
        if (throttled) {
            throttled = false;
            throttle.resume();
        }
    }
}
