package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How much of a run's raw output is in its log: bytes of each stream, and the length the log has
 * with them. A log that is longer was being written when the agent was killed.
 */
record OutputCursor(long stdout, long stderr, long logLength) {

    private static final int BYTES = 3 * Long.BYTES;

    static OutputCursor read(Path file) throws IOException {
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        if (bytes.length < BYTES) {
            return new OutputCursor(0, 0, 0);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new OutputCursor(buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Overwrites the file in one write, which a signal does not tear. */
    void write(FileChannel file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        buffer.putLong(stdout).putLong(stderr).putLong(logLength).flip();
        int _ = file.write(buffer, 0);
    }
}
