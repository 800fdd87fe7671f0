package dev.coracle.nodeagent.runtime;

import java.io.InputStream;
import java.io.OutputStream;

/** A command that runs in a container, and its streams. The streams block; each has one user. */
public interface ExecSession extends AutoCloseable {

    /** What it reads; closing it is the end of its input. */
    OutputStream stdin();

    /** What it prints; with a terminal, all of it. */
    InputStream stdout();

    /** What it prints as errors; with a terminal, nothing. */
    InputStream stderr();

    /** Sets the terminal's size; without a terminal it does nothing. */
    void resize(int columns, int rows);

    /** Waits for its end; 128 + signal if a signal ended it. */
    int await() throws InterruptedException;

    /** Ends its input and hangs up its terminal. What goes on without them goes on. */
    @Override
    void close();
}
