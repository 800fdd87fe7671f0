package dev.coracle.apiserver.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The checksum stored beside an entry: CRC-32C of all that the entry says. */
final class Checksum {

    private Checksum() {}

    static long of(Revision entry) {
        CRC32C crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(Long.BYTES + 1)
                        .putLong(entry.number())
                        .put((byte) (entry.deleted() ? 1 : 0))
                        .flip());
        text(crc, entry.key().resource());
        text(crc, entry.key().name().namespace());
        text(crc, entry.key().name().name());
        crc.update(entry.json());
        return crc.getValue();
    }

    private static void text(CRC32C crc, String text) {
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
    }
}
