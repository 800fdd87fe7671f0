package dev.coracle.nodeagent.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One raw output file, read line by line from where the log ends. Not thread-safe. */
final class RawStream implements AutoCloseable {

    static final int LONGEST_LINE = 16 * 1024;

    private final String name;
    private final Path path;
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long seen;
    private long freed;

    private RawStream(String name, Path path, FileChannel file, long from) {
        this.name = name;
        this.path = path;
        this.file = file;
        this.seen = from;
        this.freed = from;
    }

    static RawStream open(String name, Path path, long from) throws IOException {
        return new RawStream(name, path, FileChannel.open(path, StandardOpenOption.READ), from);
    }

    String name() {
        return name;
    }

    Path path() {
        return path;
    }

    /** Where the first line begins that is not in the log. */
    long consumed() {
        return seen - line.size();
    }

    /** What {@link #next} has not read yet. */
    boolean hasMore() throws IOException {
        return file.size() > seen;
    }

    /** Reads a piece and adds the lines that end in it; empty at the end. */
    byte[] next(CriLog log) throws IOException {
        buffer.clear();
        int count = file.read(buffer, seen);
        if (count <= 0) {
            return new byte[0];
        }
        seen += count;
        byte[] piece = new byte[count];
        buffer.flip().get(piece);
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (piece[i] == '\n') {
                line.write(piece, start, i - start);
                addLine(log, true);
                start = i + 1;
            } else if (line.size() + i + 1 - start >= LONGEST_LINE) {
                line.write(piece, start, i + 1 - start);
                addLine(log, false);
                start = i + 1;
            }
        }
        line.write(piece, start, count - start);
        return piece;
    }

    /** Adds what has no line end, as its writer is gone. */
    void end(CriLog log) {
        if (line.size() > 0) {
            addLine(log, true);
        }
    }

    /** How many bytes at the file's beginning are not needed any more, if it is worth freeing. */
    long takeFree(long worth) {
        if (consumed() - freed < worth) {
            return 0;
        }
        freed = consumed();
        return freed;
    }

    private void addLine(CriLog log, boolean whole) {
        log.add(name, whole, line.toByteArray(), 0, line.size());
        line.reset();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
