package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A started container. Thread-safe. */
public interface RunningContainer {

    /** Unique over all runs, for {@code status.containerID}. */
    String id();

    /** Completes when the main process has ended; its children are dead then, its log is whole. */
    CompletableFuture<ExitStatus> exit();

    /**
     * Sends the signal that asks to end, SIGTERM unless its image says another, to the main
     * process.
     */
    void terminate();

    /** How much it has written to its own file system, besides its volumes. */
    long writtenBytes();

    /** Kills every process of the container. */
    void kill();

    /**
     * Runs a command inside.
     *
     * @throws IOException if it cannot be run or does not end within {@code timeout}
     */
    ExecResult exec(List<String> command, Duration timeout) throws IOException;

    /**
     * Starts a command inside, to talk to it.
     *
     * @throws IOException if it cannot be run
     */
    ExecSession exec(List<String> command, boolean tty) throws IOException;

    /** Listens to what the main process prints from now on, and lets write to it. */
    Attachment attach(OutputListener listener) throws IOException;
}
