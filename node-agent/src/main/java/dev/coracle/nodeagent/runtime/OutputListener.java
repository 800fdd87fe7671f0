package dev.coracle.nodeagent.runtime;

/** Hears what a container prints from now on. Called by the collector's thread: must not block. */
public interface OutputListener {

    /**
     * Some of a stream's bytes.
     *
     * @param stream {@code stdout} or {@code stderr}
     */
    void output(String stream, byte[] bytes);

    /** Nothing more will come. */
    void end();
}
