package dev.coracle.controllers.workqueue;

import java.util.List;

/** Something that works until it is closed. */
public interface Loop extends AutoCloseable {

    String name();

    /** To be called once. Returns at once. */
    void start();

    /** What its work queues say of themselves. */
    List<QueueFigures> figures();

    /** Idempotent. */
    @Override
    void close();
}
