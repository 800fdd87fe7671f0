package dev.coracle.fabric.island;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** File locks between processes, and between the fabrics of one JVM. */
final class Locks {

    private static final int ATTEMPTS = 1500;

    private Locks() {}

    /** Waits for the lock; within a JVM, where the system call would fail, by trying again. */
    static FileLock acquire(FileChannel file) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                return file.lock();
            } catch (OverlappingFileLockException _) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        throw new IOException("another change of the fabric in this process does not end");
    }
}
