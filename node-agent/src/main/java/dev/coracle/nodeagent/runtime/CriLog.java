package dev.coracle.nodeagent.runtime;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;

/**
 * A log file in the CRI format: {@code <RFC 3339 time> <stream> <F|P> <text>} per line, P for a
 * part of a line longer than 16 KiB. Each stream is pumped by a thread of its own until it ends.
 */
final class CriLog {

    private static final int LONGEST = 16 * 1024;

    private final OutputStream file;
    private final InstantSource clock;
    private int streams;

    private CriLog(OutputStream file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    static CriLog open(Path path, InstantSource clock) throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        OutputStream file =
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new CriLog(new BufferedOutputStream(file), clock);
    }

    /** Copies {@code in} until its end; the file is closed with the last stream. */
    synchronized void pump(InputStream in, String stream) {
        streams++;
        // platform threads: a virtual one would hold a carrier in every blocking read of a pipe
        Thread.ofPlatform()
                .daemon()
                .name("log-" + stream)
                .start(() -> {
                    try (in) {
                        copy(in, stream);
                    } catch (IOException _) {
                        // the process has been killed
                    } finally {
                        closeStream();
                    }
                });
    }

    private void copy(InputStream in, String stream) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] == '\n') {
                    write(stream, "F", line);
                } else {
                    line.write(buffer[i]);
                    if (line.size() >= LONGEST) {
                        write(stream, "P", line);
                    }
                }
            }
            flush();
        }
        if (line.size() > 0) {
            write(stream, "F", line);
        }
    }

    private synchronized void write(String stream, String tag, ByteArrayOutputStream line)
            throws IOException {
        String head = clock.instant() + " " + stream + " " + tag + " ";
        file.write(head.getBytes(StandardCharsets.US_ASCII));
        line.writeTo(file);
        file.write('\n');
        line.reset();
    }

    private synchronized void flush() throws IOException {
        file.flush();
    }

    private synchronized void closeStream() {
        streams--;
        if (streams == 0) {
            try {
                file.close();
            } catch (IOException _) {
                // nothing more can be written
            }
        }
    }
}
