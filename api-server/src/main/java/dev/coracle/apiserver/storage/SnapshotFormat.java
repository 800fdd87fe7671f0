package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.StoreException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;

/**
 * The form in which the state at one revision leaves a store and comes back, to a database of any
 * kind: a line that names the format, the revision, the entries in the order of their revisions,
 * and the SHA-256 of all that.
 *
 * <p>Each entry is a byte 1, its revision, its key as three texts, the length of its JSON and the
 * JSON; a byte 0 ends them. Numbers are big-endian, texts as {@link java.io.DataOutput} writes
 * them.
 */
public final class SnapshotFormat {

    public static final String MEDIA_TYPE = "application/vnd.coracle.snapshot";

    private static final byte[] FIRST_LINE =
            "coracle snapshot 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK = 64 * 1024;

    private SnapshotFormat() {}

    /** Writes lazily, in chunks. {@code entries} are alive, and in the order of their revisions. */
    public static Iterator<byte[]> write(long revision, Iterator<Revision> entries) {
        return new Chunks(revision, entries);
    }

    /**
     * Reads to the end.
     *
     * @return the revision
     * @throws StoreException if it is not what was written
     */
    static long read(InputStream source, Consumer<Revision> entry) throws IOException {
        MessageDigest digest = sha256();
        DataInputStream in = new DataInputStream(new DigestInputStream(source, digest));
        try {
            if (!Arrays.equals(in.readNBytes(FIRST_LINE.length), FIRST_LINE)) {
                throw damaged("it does not begin with '%s'".formatted(text(FIRST_LINE)));
            }
            long revision = in.readLong();
            while (in.readByte() == 1) {
                entry.accept(entry(in));
            }
            byte[] expected = digest.digest();
            if (!Arrays.equals(source.readNBytes(expected.length), expected)) {
                throw damaged("its SHA-256 is another");
            }
            return revision;
        } catch (UTFDataFormatException _) {
            throw damaged("a name is no text");
        } catch (EOFException _) {
            throw damaged("it ends too early");
        }
    }

    private static Revision entry(DataInputStream in) throws IOException {
        long number = in.readLong();
        ObjectKey key = new ObjectKey(in.readUTF(), new NamespacedName(in.readUTF(), in.readUTF()));
        int length = in.readInt();
        if (length < 0 || length > RevisionLog.MAX_OBJECT_BYTES) {
            throw damaged("an object of %d bytes".formatted(length));
        }
        byte[] json = new byte[length];
        in.readFully(json);
        return new Revision(number, key, false, json);
    }

    private static StoreException damaged(String why) {
        return new StoreException(Reason.CORRUPT, "the snapshot is not what was written: " + why);
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.US_ASCII).strip();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Chunks implements Iterator<byte[]> {

        private final Iterator<Revision> entries;
        private final MessageDigest digest = sha256();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(CHUNK * 2);
        private final DataOutputStream out = new DataOutputStream(bytes);
        private boolean ended;

        Chunks(long revision, Iterator<Revision> entries) {
            this.entries = entries;
            try {
                out.write(FIRST_LINE);
                out.writeLong(revision);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public byte[] next() {
            if (ended) {
                throw new NoSuchElementException();
            }
            try {
                while (bytes.size() < CHUNK && entries.hasNext()) {
                    write(entries.next());
                }
                if (!entries.hasNext()) {
                    out.writeByte(0);
                    digest.update(bytes.toByteArray());
                    out.write(digest.digest());
                    ended = true;
                } else {
                    digest.update(bytes.toByteArray());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            byte[] chunk = bytes.toByteArray();
            bytes.reset();
            return chunk;
        }

        private void write(Revision entry) throws IOException {
            out.writeByte(1);
            out.writeLong(entry.number());
            out.writeUTF(entry.key().resource());
            out.writeUTF(entry.key().name().namespace());
            out.writeUTF(entry.key().name().name());
            out.writeInt(entry.json().length);
            out.write(entry.json());
        }
    }
}
