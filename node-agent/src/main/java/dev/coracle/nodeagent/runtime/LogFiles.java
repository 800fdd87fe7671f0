package dev.coracle.nodeagent.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A log in the CRI format, read across its rotated files, also while it is written. */
public final class LogFiles {

    private LogFiles() {}

    /** Opens a log at its oldest line; a log that does not exist yet is empty. */
    public static Reader open(Path log) throws IOException {
        Reader reader = new Reader(log);
        for (Path rotated : CriLog.rotated(log)) {
            reader.add(rotated);
        }
        reader.add(log);
        return reader;
    }

    /** Reads whole lines, as ISO 8859-1 so that every byte is kept. Not thread-safe. */
    public static final class Reader implements AutoCloseable {

        private final Path log;
        private final Deque<FileChannel> files = new ArrayDeque<>();
        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).flip();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private @Nullable Object newest;

        private Reader(Path log) {
            this.log = log;
        }

        private void add(Path file) throws IOException {
            try {
                files.add(FileChannel.open(file, StandardOpenOption.READ));
                newest = key(file);
            } catch (NoSuchFileException _) {
                // rotated away, or not there yet
            }
        }

        /** The next line without its end; null if there is none now. */
        public @Nullable String next() throws IOException {
            while (true) {
                while (buffer.hasRemaining()) {
                    byte each = buffer.get();
                    if (each == '\n') {
                        String whole = line.toString(StandardCharsets.ISO_8859_1);
                        line.reset();
                        return whole;
                    }
                    line.write(each);
                }
                if (!fill()) {
                    return null;
                }
            }
        }

        private boolean fill() throws IOException {
            while (!files.isEmpty()) {
                buffer.clear();
                int count = files.getFirst().read(buffer);
                buffer.flip();
                if (count > 0) {
                    return true;
                }
                if (files.size() == 1 && !hasSuccessor()) {
                    return false;
                }
                // between the two looks something may have been added to it
                buffer.clear();
                count = files.getFirst().read(buffer);
                buffer.flip();
                if (count > 0) {
                    return true;
                }
                files.removeFirst().close();
            }
            add(log);
            return !files.isEmpty() && fill();
        }

        /** Whether the file now read is not the log any more; adds the log then. */
        private boolean hasSuccessor() throws IOException {
            Object current = key(log);
            if (current == null || current.equals(newest)) {
                return false;
            }
            add(log);
            return files.size() > 1;
        }

        private static @Nullable Object key(Path file) throws IOException {
            try {
                return Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                        .fileKey();
            } catch (NoSuchFileException _) {
                return null;
            }
        }

        @Override
        public void close() throws IOException {
            for (FileChannel file : files) {
                file.close();
            }
        }
    }
}
