package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.storage.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest committed revision, kept beside the database in a file of its own: a database that was
 * cut short opens as if its last commits had never been, and only this tells. Never ahead of the
 * database, whatever kills the process. Confined to the log's thread.
 */
final class HighWaterMark implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HighWaterMark.class);
    private static final byte[] MAGIC = "coracle\n".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final FileChannel channel;

    private HighWaterMark(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens the mark, making it when missing.
     *
     * @throws StoreException if it cannot be read or made
     */
    static HighWaterMark open(Path file) {
        try {
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            HighWaterMark mark = new HighWaterMark(file, channel);
            if (channel.size() == 0) {
                // takes the room now, so that a full disk does not matter later
                channel.write(ByteBuffer.allocate(MAGIC.length + Long.BYTES).put(MAGIC).rewind());
            }
            return mark;
        } catch (IOException e) {
            throw StoreException.of("cannot open " + file, e);
        }
    }

    /**
     * Compares the database with what was committed to it.
     *
     * @throws StoreException if commits are missing
     */
    void check(long newest) {
        long committed = read();
        if (committed > newest) {
            throw new StoreException(
                    Reason.CORRUPT,
                    ("the database ends at revision %d, but revision %d was committed to it: it was cut"
                                    + " short or replaced (to accept what it has, delete %s)")
                            .formatted(newest, committed, file));
        }
    }

    private long read() {
        ByteBuffer content = ByteBuffer.allocate(MAGIC.length + Long.BYTES);
        try {
            int _ = channel.read(content, 0);
        } catch (IOException e) {
            throw StoreException.of("cannot read " + file, e);
        }
        byte[] magic = new byte[MAGIC.length];
        content.flip();
        if (content.limit() == content.capacity()) {
            content.get(magic);
            if (Arrays.equals(magic, MAGIC)) {
                return content.getLong();
            }
        }
        throw new StoreException(
                Reason.CORRUPT, file + " is not what was written (it may be deleted)");
    }

    /** The log has everything up to {@code revision}. */
    void set(long revision) {
        try {
            int _ =
                    channel.write(
                            ByteBuffer.allocate(Long.BYTES).putLong(revision).flip(), MAGIC.length);
        } catch (IOException e) {
            // too low a mark only notices less
            LOG.warn("cannot write {}: {}", file, e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("cannot close {}: {}", file, e.getMessage());
        }
    }
}
