package dev.coracle.controllers.workqueue;

/** Something that works until it is closed. */
public interface Loop extends AutoCloseable {

    String name();

    /** To be called once. Returns at once. */
    void start();

    /** Idempotent. */
    @Override
    void close();
}
