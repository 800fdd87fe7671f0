package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a run's processes have appended to its raw files into its log, and to whoever is
 * attached. Thread-safe; one caller at a time moves it on.
 *
 * <p>No line is lost or doubled when the agent is killed: the cursor says how long the log was with
 * all that had been consumed, and whoever opens both next cuts off what is behind it.
 */
final class ContainerOutput implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ContainerOutput.class);
    private static final long PIECES_PER_TURN = 32;
    private static final long WORTH_FREEING = 16 * 1024 * 1024;

    private final List<RawStream> streams;
    private final CriLog file;
    private final FileChannel cursor;
    private final String fallocate;
    private final List<OutputListener> listeners = new CopyOnWriteArrayList<>();
    private boolean closed;

    private ContainerOutput(
            List<RawStream> streams, CriLog file, FileChannel cursor, String fallocate) {
        this.streams = streams;
        this.file = file;
        this.cursor = cursor;
        this.fallocate = fallocate;
    }

    static ContainerOutput open(
            RunFolder folder, Path log, HostTools tools, InstantSource clock, CriLog.Limits limits)
            throws IOException {
        OutputCursor from = OutputCursor.read(folder.cursor());
        for (Path raw : List.of(folder.stdout(), folder.stderr())) {
            // its process may be making it at this moment
            Files.newByteChannel(raw, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
        }
        return new ContainerOutput(
                List.of(
                        RawStream.open("stdout", folder.stdout(), from.stdout()),
                        RawStream.open("stderr", folder.stderr(), from.stderr())),
                CriLog.open(log, clock, limits, from.logLength()),
                OutputCursor.open(folder.cursor()),
                tools.fallocate());
    }

    void add(OutputListener listener) {
        listeners.add(listener);
    }

    void remove(OutputListener listener) {
        listeners.remove(listener);
    }

    /** Takes what is there, but not endlessly; whether there is more. */
    synchronized boolean advance() throws IOException {
        if (closed) {
            return false;
        }
        boolean more = false;
        for (RawStream stream : streams) {
            for (int i = 0; i < PIECES_PER_TURN; i++) {
                byte[] piece = stream.next(file);
                if (piece.length == 0) {
                    break;
                }
                listeners.forEach(listener -> listener.output(stream.name(), piece));
            }
            more |= stream.hasMore();
        }
        commit();
        return more;
    }

    /** The processes are gone: takes all that is left, and ends. Idempotent. */
    synchronized void finish() {
        try {
            while (advance()) {
                log.trace("more output");
            }
            if (!closed) {
                streams.forEach(stream -> stream.end(file));
                commit();
            }
        } catch (IOException e) {
            log.warn("the end of a container's output is not logged: {}", e.toString());
        }
        close();
        listeners.forEach(OutputListener::end);
        listeners.clear();
    }

    private void commit() throws IOException {
        consumed(file.flush());
        if (file.isFull()) {
            file.rotate();
            consumed(0);
        }
        for (RawStream stream : streams) {
            long free = stream.takeFree(WORTH_FREEING);
            if (free > 0 && !fallocate.isEmpty()) {
                free(stream.path(), free);
            }
        }
    }

    private void consumed(long length) throws IOException {
        new OutputCursor(streams.get(0).consumed(), streams.get(1).consumed(), length)
                .write(cursor);
    }

    /** Makes a hole of what is consumed; a file system without holes keeps it. */
    private void free(Path path, long bytes) {
        try {
            Process _ =
                    new ProcessBuilder(
                                    fallocate,
                                    "--punch-hole",
                                    "--offset",
                                    "0",
                                    "--length",
                                    Long.toString(bytes),
                                    path.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            log.debug("'{}' keeps its consumed part: {}", path, e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            for (RawStream stream : streams) {
                stream.close();
            }
            file.close();
            cursor.close();
        } catch (IOException e) {
            log.debug("a container's output is not wholly closed: {}", e.toString());
        }
    }
}
