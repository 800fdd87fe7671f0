package dev.coracle.controllers.workqueue;

/** Elapsed time. */
@FunctionalInterface
public interface Ticker {

    /** Nanoseconds since an arbitrary origin; only differences mean something. */
    long readNanos();

    /** The JVM's own. */
    static Ticker system() {
        return System::nanoTime;
    }
}
