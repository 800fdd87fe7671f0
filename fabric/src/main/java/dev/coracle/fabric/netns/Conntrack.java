package dev.coracle.fabric.netns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's table of connections in a network namespace, through ctnetlink
 * (linux/netfilter/nfnetlink_conntrack.h).
 */
@SuppressWarnings("restricted") // the foreign function API is what this class is for
public final class Conntrack {

    private static final int AF_NETLINK = 16;
    private static final int AF_INET = 2;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int NETLINK_NETFILTER = 12;
    private static final int EIO = 5;
    private static final short CONNTRACK_DELETE = (1 << 8) | 2;
    private static final short REQUEST_ACK = 1 | 4;
    private static final int NESTED = 0x8000;
    private static final int TUPLE_ORIG = 1;
    private static final int TUPLE_IP = 1;
    private static final int IP_V4_DST = 2;
    private static final int TUPLE_PROTO = 2;
    private static final int PROTO_NUM = 1;
    private static final int PROTO_DST_PORT = 3;
    private static final int MARK = 8;
    private static final int MARK_MASK = 21;
    private static final int FILTER = 25;
    private static final int FILTER_ORIG_FLAGS = 1;
    // address, protocol and port of the destination
    private static final int BY_DESTINATION = 2 | 8 | 32;
    private static final byte UDP = 17;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SOCKET =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("socket"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT));
    private static final FunctionDescriptor TRANSFER =
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT);
    private static final MethodHandle SEND =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("send"), TRANSFER);
    private static final MethodHandle RECEIVE =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("recv"), TRANSFER);
    private static final MethodHandle CLOSE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("close"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Conntrack() {}

    /**
     * Forgets the connections of {@code namespace} whose mark is {@code mark}: their next packet
     * begins a new one.
     *
     * @throws IOException with the kernel's errno
     */
    public static void forget(NetworkNamespace namespace, int mark) throws IOException {
        delete(namespace, attribute(MARK, network(mark)), attribute(MARK_MASK, network(-1)));
    }

    /**
     * Forgets the UDP connections of {@code namespace} that were sent to an address and port.
     *
     * @throws IOException with the kernel's errno
     */
    public static void forgetUdp(NetworkNamespace namespace, Inet4Address address, int port)
            throws IOException {
        byte[] destination =
                joined(
                        attribute(TUPLE_IP | NESTED, attribute(IP_V4_DST, address.getAddress())),
                        attribute(
                                TUPLE_PROTO | NESTED,
                                joined(
                                        attribute(PROTO_NUM, new byte[] {UDP}),
                                        attribute(
                                                PROTO_DST_PORT,
                                                new byte[] {(byte) (port >> 8), (byte) port}))));
        byte[] flags =
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(BY_DESTINATION)
                        .array();
        delete(
                namespace,
                attribute(TUPLE_ORIG | NESTED, destination),
                attribute(FILTER | NESTED, attribute(FILTER_ORIG_FLAGS, flags)));
    }

    private static void delete(NetworkNamespace namespace, byte[]... attributes)
            throws IOException {
        byte[] request = request(joined(attributes));
        int errno = namespace.call(() -> exchange(request));
        if (errno != 0) {
            throw new IOException("ctnetlink refused to delete with errno " + errno);
        }
    }

    private static int exchange(byte[] request) {
        try (Arena arena = Arena.ofConfined()) {
            int socket = (int) SOCKET.invokeExact(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
            if (socket < 0) {
                return EIO;
            }
            try {
                MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, request);
                long sent = (long) SEND.invokeExact(socket, message, (long) request.length, 0);
                MemorySegment answer = arena.allocate(256, 4);
                long received = (long) RECEIVE.invokeExact(socket, answer, 256L, 0);
                // nlmsghdr, then the negative errno of nlmsgerr
                return sent == request.length && received >= 20
                        ? -answer.get(ValueLayout.JAVA_INT, 16)
                        : EIO;
            } finally {
                int _ = (int) CLOSE.invokeExact(socket);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** nlmsghdr, nfgenmsg, attributes. */
    private static byte[] request(byte[] attributes) {
        return ByteBuffer.allocate(20 + attributes.length)
                .order(ByteOrder.nativeOrder())
                .putInt(20 + attributes.length)
                .putShort(CONNTRACK_DELETE)
                .putShort(REQUEST_ACK)
                .putInt(0)
                .putInt(0)
                .put((byte) AF_INET)
                // of the family only
                .put((byte) 1)
                .putShort((short) 0)
                .put(attributes)
                .array();
    }

    private static byte[] attribute(int type, byte[] value) {
        return ByteBuffer.allocate((4 + value.length + 3) & ~3)
                .order(ByteOrder.nativeOrder())
                .putShort((short) (4 + value.length))
                .putShort((short) type)
                .put(value)
                .array();
    }

    private static byte[] network(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
