package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.runtime.LogFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Sends the text of one run's log as it is asked for. Blocks. */
record ContainerLog(Path file, LogQuery query) {

    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Writes the log to {@code out}; when it is to be followed, until {@code isOver} says that
     * nothing more will be written, or the client has gone.
     *
     * @throws IOException when the client has gone
     */
    void send(OutputStream out, BooleanSupplier isOver) throws IOException {
        Sink sink = new Sink(out, query.limitBytes());
        try (LogFiles.Reader reader = LogFiles.open(file)) {
            if (query.tailLines() >= 0) {
                for (String line : tail(reader)) {
                    sink.write(text(line));
                }
            }
            while (true) {
                boolean over = isOver.getAsBoolean();
                for (String line = reader.next(); line != null; line = reader.next()) {
                    if (isWanted(line)) {
                        sink.write(text(line));
                    }
                }
                if (over || !query.follow() || sink.isFull()) {
                    return;
                }
                sink.flush();
                LockSupport.parkNanos(TURN_NANOS);
                if (Thread.interrupted()) {
                    throw new IOException("interrupted");
                }
            }
        }
    }

    /** The last lines; one may be in several parts, of which the last is whole. */
    private Deque<String> tail(LogFiles.Reader reader) throws IOException {
        Deque<String> tail = new ArrayDeque<>();
        long lines = 0;
        for (String line = reader.next(); line != null; line = reader.next()) {
            if (isWanted(line)) {
                tail.add(line);
                lines += isWhole(line) ? 1 : 0;
                while (lines > query.tailLines()) {
                    lines -= isWhole(tail.removeFirst()) ? 1 : 0;
                }
            }
        }
        return tail;
    }

    private boolean isWanted(String line) {
        Instant since = query.since();
        if (since == null) {
            return true;
        }
        try {
            return !Instant.parse(line.substring(0, line.indexOf(' '))).isBefore(since);
        } catch (DateTimeParseException _) {
            return true;
        }
    }

    private byte[] text(String line) {
        String[] parts = line.split(" ", 4);
        if (parts.length < 4) {
            return new byte[0];
        }
        String text = parts[3] + (parts[2].equals("F") ? "\n" : "");
        return (query.timestamps() ? parts[0] + " " + text : text)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isWhole(String line) {
        String[] parts = line.split(" ", 4);
        return parts.length < 3 || !parts[2].equals("P");
    }

    /** Writes up to a number of bytes. */
    private static final class Sink {
        private final OutputStream out;
        private long left;

        Sink(OutputStream out, long limit) {
            this.out = out;
            this.left = limit < 0 ? Long.MAX_VALUE : limit;
        }

        void write(byte[] bytes) throws IOException {
            int count = (int) Math.min(left, bytes.length);
            out.write(bytes, 0, count);
            left -= count;
        }

        boolean isFull() {
            return left <= 0;
        }

        void flush() throws IOException {
            out.flush();
        }
    }
}
