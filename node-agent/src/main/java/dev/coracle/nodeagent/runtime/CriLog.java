package dev.coracle.nodeagent.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;

/**
 * A log in the CRI format: {@code <RFC 3339 time> <stream> <F|P> <text>} per line, P for a part of
 * a line. A file that is large enough is renamed to {@code <name>.<time>}, and the oldest of these
 * are deleted. Not thread-safe.
 */
final class CriLog implements AutoCloseable {

    /** When a file is full, and how many there may be. */
    record Limits(long bytes, int files) {
        static final Limits DEFAULT = new Limits(10 * 1024 * 1024, 5);
    }

    private static final DateTimeFormatter SUFFIX =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.nnnnnnnnn").withZone(ZoneOffset.UTC);

    private final Path path;
    private final InstantSource clock;
    private final Limits limits;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private FileChannel file;
    private long length;

    private CriLog(Path path, InstantSource clock, Limits limits, FileChannel file, long length) {
        this.path = path;
        this.clock = clock;
        this.limits = limits;
        this.file = file;
        this.length = length;
    }

    /**
     * Opens a log to append to it.
     *
     * @param length how much of the file counts; what is behind it is cut off
     */
    static CriLog open(Path path, InstantSource clock, Limits limits, long length)
            throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileChannel file = append(path);
        long kept = Math.min(length, file.size());
        FileChannel _ = file.truncate(kept);
        return new CriLog(path, clock, limits, file, kept);
    }

    /** Adds a line, which is in the file after the next {@link #flush()}. */
    void add(String stream, boolean whole, byte[] text, int from, int to) {
        String head = clock.instant() + " " + stream + (whole ? " F " : " P ");
        pending.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        pending.write(text, from, to - from);
        pending.write('\n');
    }

    /** Writes what was added; returns the file's length. */
    long flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        pending.reset();
        while (bytes.hasRemaining()) {
            length += file.write(bytes);
        }
        return length;
    }

    boolean isFull() {
        return length >= limits.bytes();
    }

    /** Begins a new file. */
    void rotate() throws IOException {
        file.close();
        Path _ = Files.move(path, path.resolveSibling(rotatedName()));
        List<Path> rotated = rotated(path);
        for (Path old : rotated.subList(0, Math.max(0, rotated.size() - (limits.files() - 1)))) {
            Files.deleteIfExists(old);
        }
        file = append(path);
        length = 0;
    }

    /** The full files of a log, oldest first. */
    static List<Path> rotated(Path path) throws IOException {
        String prefix = path.getFileName() + ".";
        Path folder = path.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private String rotatedName() {
        return path.getFileName() + "." + SUFFIX.format(clock.instant());
    }

    private static FileChannel append(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
