package dev.coracle.dns.datagram;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** {@code sockaddr_in} and {@code sockaddr_in6} of Linux. */
final class SocketAddresses {

    /** Room for either. */
    static final int OCTETS = 28;

    static final int INET = 2;
    static final int INET6 = 10;

    private static final int SIZE_INET = 16;
    private static final int SIZE_INET6 = 28;
    private static final int ADDRESS_INET = 4;
    private static final int ADDRESS_INET6 = 8;
    private static final ValueLayout.OfShort FAMILY = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort PORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketAddresses() {}

    static int family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address ? INET : INET6;
    }

    /** Writes an address and returns its size. */
    static int write(InetSocketAddress address, MemorySegment into) {
        byte[] octets = address.getAddress().getAddress();
        boolean inet = octets.length == 4;
        into.asSlice(0, OCTETS).fill((byte) 0);
        into.set(FAMILY, 0, (short) (inet ? INET : INET6));
        into.set(PORT, 2, (short) address.getPort());
        MemorySegment.copy(
                octets,
                0,
                into,
                ValueLayout.JAVA_BYTE,
                inet ? ADDRESS_INET : ADDRESS_INET6,
                octets.length);
        return inet ? SIZE_INET : SIZE_INET6;
    }

    static InetSocketAddress read(MemorySegment from) {
        byte[] octets = new byte[length(from)];
        copyTo(from, octets);
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(octets), Short.toUnsignedInt(from.get(PORT, 2)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The octets of the address itself: 4 or 16. */
    static int length(MemorySegment from) {
        return from.get(FAMILY, 0) == INET ? 4 : 16;
    }

    /** Copies the octets of the address itself and returns how many. */
    static int copyTo(MemorySegment from, byte[] into) {
        int length = length(from);
        MemorySegment.copy(
                from,
                ValueLayout.JAVA_BYTE,
                length == 4 ? ADDRESS_INET : ADDRESS_INET6,
                into,
                0,
                length);
        return length;
    }
}
