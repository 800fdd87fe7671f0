package dev.coracle.dns.server;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bounds what one network is sent by UDP in a second, so that this server is no amplifier for
 * somebody who writes another's address on his queries. Networks share places in a table, so seldom
 * one pays for another. Thread-safe; makes nothing.
 */
final class ResponseLimit {

    private static final int PLACES = 1 << 14;

    private final int perSecond;
    private final AtomicLongArray places = new AtomicLongArray(PLACES);

    /** What to do with a response. */
    enum Verdict {
        SEND,
        /** An empty one with the TC bit: who really asks comes back by TCP. */
        CUT,
        DROP
    }

    /** {@code perSecond} is for each /24 (IPv4) or /56 (IPv6); 0 is no limit. */
    ResponseLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * Counts a response.
     *
     * @param address the octets of the client's IP address, of which there are {@code length}
     */
    Verdict take(byte[] address, int length, long seconds) {
        if (perSecond == 0) {
            return Verdict.SEND;
        }
        int place = network(address, length) & (PLACES - 1);
        while (true) {
            long known = places.get(place);
            // the second above, the count below
            long next = known >>> 32 == (seconds & 0xffffffffL) ? known + 1 : (seconds << 32) | 1;
            if (places.compareAndSet(place, known, next)) {
                int count = (int) next;
                if (count <= perSecond) {
                    return Verdict.SEND;
                }
                return count % 2 == 0 ? Verdict.CUT : Verdict.DROP;
            }
        }
    }

    private static int network(byte[] address, int length) {
        int hash = length;
        for (int i = 0; i < (length == 4 ? 3 : 7); i++) {
            hash = 31 * hash + address[i];
        }
        return (hash * 0x9E3779B1) >>> 16;
    }
}
