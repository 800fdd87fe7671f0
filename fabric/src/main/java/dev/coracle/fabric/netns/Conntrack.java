package dev.coracle.fabric.netns;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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
    private static final short CONNTRACK_DELETE = (1 << 8) | 2;
    private static final short REQUEST_ACK = 1 | 4;
    private static final short MARK = 8;
    private static final short MARK_MASK = 21;
    private static final int LENGTH = 16 + 4 + 8 + 8;

    private static final ValueLayout.OfInt NETWORK_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
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
        int errno = namespace.call(() -> delete(mark));
        if (errno != 0) {
            throw new IOException("ctnetlink refused to delete with errno " + errno);
        }
    }

    private static int delete(int mark) {
        try (Arena arena = Arena.ofConfined()) {
            int socket = (int) SOCKET.invokeExact(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
            if (socket < 0) {
                return -socket;
            }
            try {
                MemorySegment request = request(arena, mark);
                long sent = (long) SEND.invokeExact(socket, request, (long) LENGTH, 0);
                MemorySegment answer = arena.allocate(256, 4);
                long received = (long) RECEIVE.invokeExact(socket, answer, 256L, 0);
                // nlmsghdr, then the negative errno of nlmsgerr
                return sent == LENGTH && received >= 20 ? -answer.get(ValueLayout.JAVA_INT, 16) : 5;
            } finally {
                int _ = (int) CLOSE.invokeExact(socket);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment request(Arena arena, int mark) {
        MemorySegment message = arena.allocate(LENGTH, 4);
        message.set(ValueLayout.JAVA_INT, 0, LENGTH);
        message.set(ValueLayout.JAVA_SHORT, 4, CONNTRACK_DELETE);
        message.set(ValueLayout.JAVA_SHORT, 6, REQUEST_ACK);
        message.set(ValueLayout.JAVA_BYTE, 16, (byte) AF_INET);
        attribute(message, 20, MARK, mark);
        attribute(message, 28, MARK_MASK, -1);
        return message;
    }

    private static void attribute(MemorySegment message, int offset, short type, int value) {
        message.set(ValueLayout.JAVA_SHORT, offset, (short) 8);
        message.set(ValueLayout.JAVA_SHORT, offset + 2, type);
        message.set(NETWORK_INT, offset + 4, value);
    }
}
