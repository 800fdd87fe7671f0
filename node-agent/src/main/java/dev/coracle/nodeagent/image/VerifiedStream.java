package dev.coracle.nodeagent.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/** A stream whose digest is known in advance. */
final class VerifiedStream extends DigestInputStream {

    private final String wanted;
    private final String what;

    /**
     * Reads {@code in}.
     *
     * @param wanted {@code sha256:...}; empty if any will do
     * @param what how messages call it
     */
    VerifiedStream(InputStream in, String wanted, String what) {
        super(in, sha256());
        this.wanted = wanted;
        this.what = what;
    }

    /**
     * Reads what is left and compares.
     *
     * @throws IOException if it is not what was wanted
     */
    void verify() throws IOException {
        long _ = transferTo(OutputStream.nullOutputStream());
        String found = "sha256:" + HexFormat.of().formatHex(getMessageDigest().digest());
        if (!wanted.isEmpty() && !wanted.equals(found)) {
            throw new IOException(
                    what + " has the digest " + found + ", but " + wanted + " was wanted");
        }
    }

    static String digest(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** Takes the compression away, if there is one. */
    static InputStream decompressed(InputStream raw, String what) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
        in.mark(4);
        byte[] start = in.readNBytes(4);
        in.reset();
        if (start.length == 4
                && start[0] == 0x28
                && start[1] == (byte) 0xb5
                && start[2] == 0x2f
                && start[3] == (byte) 0xfd) {
            throw new IOException(what + " is compressed with zstd, which this node does not read");
        }
        boolean gzip = start.length > 1 && start[0] == 0x1f && start[1] == (byte) 0x8b;
        return gzip ? new GZIPInputStream(in, 1 << 16) : in;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
