package dev.coracle.nodeagent.runtime;

import java.io.IOException;

/** A client's way to a container's main process. */
public interface Attachment extends AutoCloseable {

    /**
     * Gives it something to read; blocks while it reads nothing.
     *
     * @throws IOException if it has no input, or is gone
     */
    void write(byte[] bytes) throws IOException;

    /** The client writes no more: ends the input if that is to end with the first client. */
    void endOfInput();

    /** Sets the terminal's size; without a terminal it does nothing. */
    void resize(int columns, int rows);

    /** Listens no longer; ends its input if that is to end with the first client. */
    @Override
    void close();
}
