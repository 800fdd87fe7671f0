package dev.coracle.dns.datagram;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A UDP socket that takes and gives many datagrams with one system call (recvmmsg(2), sendmmsg(2)),
 * in memory that is made once. For one thread; only {@link #send} is for any.
 */
public final class BatchSocket implements AutoCloseable {

    private static final int DATAGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_RCVTIMEO = 20;
    private static final int MSG_WAITFORONE = 0x10000;
    private static final int RECEIVE_BUFFER = 1 << 20;

    // struct mmsghdr of 64-bit Linux: a msghdr of 56 octets and the length
    private static final int MESSAGE = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTORS = 24;
    private static final int LENGTH = 56;
    private static final int VECTOR_OCTETS = 16;

    private final int batch;
    private final int mostOctets;
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = SystemCalls.newState(arena);
    private final MemorySegment in;
    private final MemorySegment inVectors;
    private final MemorySegment inOctets;
    private final MemorySegment[] senders;
    private final MemorySegment out;
    private final MemorySegment outVectors;
    private final MemorySegment outOctets;
    private int replies;
    private boolean closed;

    private BatchSocket(int fd, int batch, int mostOctets) {
        this.fd = fd;
        this.batch = batch;
        this.mostOctets = mostOctets;
        in = arena.allocate((long) MESSAGE * batch, 8);
        inVectors = arena.allocate((long) VECTOR_OCTETS * batch, 8);
        inOctets = arena.allocate((long) mostOctets * batch, 8);
        senders = new MemorySegment[batch];
        out = arena.allocate((long) MESSAGE * batch, 8);
        outVectors = arena.allocate((long) VECTOR_OCTETS * batch, 8);
        outOctets = arena.allocate((long) mostOctets * batch, 8);
        for (int i = 0; i < batch; i++) {
            point(in, inVectors, inOctets, i);
            senders[i] = arena.allocate(SocketAddresses.OCTETS, 8);
            in.set(ValueLayout.ADDRESS, at(MESSAGE, i) + NAME, senders[i]);
            inVectors.set(ValueLayout.JAVA_LONG, at(VECTOR_OCTETS, i) + 8, mostOctets);
            point(out, outVectors, outOctets, i);
        }
    }

    private void point(MemorySegment messages, MemorySegment vectors, MemorySegment octets, int i) {
        MemorySegment vector = vectors.asSlice(at(VECTOR_OCTETS, i), VECTOR_OCTETS);
        vector.set(ValueLayout.ADDRESS, 0, octets.asSlice(at(mostOctets, i), mostOctets));
        messages.set(ValueLayout.ADDRESS, at(MESSAGE, i) + VECTOR, vector);
        messages.set(ValueLayout.JAVA_LONG, at(MESSAGE, i) + VECTORS, 1);
    }

    private static long at(int size, int index) {
        return (long) size * index;
    }

    /**
     * Opens a socket that shares its address with others of this process.
     *
     * @param batch datagrams at once
     * @param mostOctets of a datagram; what is longer is cut off
     * @param patience how long {@link #receive} waits
     * @throws IOException with the kernel's errno
     */
    public static BatchSocket bind(
            NetworkNamespace namespace,
            InetSocketAddress address,
            int batch,
            int mostOctets,
            Duration patience)
            throws IOException {
        return namespace.call(() -> open(address, batch, mostOctets, patience));
    }

    private static BatchSocket open(
            InetSocketAddress address, int batch, int mostOctets, Duration patience)
            throws IOException {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment state = SystemCalls.newState(local);
            int fd = SystemCalls.socket(state, SocketAddresses.family(address), DATAGRAM_CLOEXEC);
            if (fd < 0) {
                throw SystemCalls.failed("socket", state);
            }
            try {
                set(state, fd, SO_REUSEPORT, local.allocateFrom(ValueLayout.JAVA_INT, 1));
                set(state, fd, SO_RCVBUF, local.allocateFrom(ValueLayout.JAVA_INT, RECEIVE_BUFFER));
                MemorySegment timeval = local.allocate(ValueLayout.JAVA_LONG, 2);
                timeval.setAtIndex(ValueLayout.JAVA_LONG, 0, patience.toSeconds());
                timeval.setAtIndex(ValueLayout.JAVA_LONG, 1, patience.toNanosPart() / 1000);
                set(state, fd, SO_RCVTIMEO, timeval);
                MemorySegment name = local.allocate(SocketAddresses.OCTETS, 8);
                int length = SocketAddresses.write(address, name);
                if (SystemCalls.bind(state, fd, name, length) != 0) {
                    throw SystemCalls.failed("bind to " + address, state);
                }
                return new BatchSocket(fd, batch, mostOctets);
            } catch (IOException | RuntimeException e) {
                SystemCalls.close(state, fd);
                throw e;
            }
        }
    }

    private static void set(MemorySegment state, int fd, int option, MemorySegment value)
            throws IOException {
        if (SystemCalls.setOption(state, fd, SOL_SOCKET, option, value) != 0) {
            throw SystemCalls.failed("setsockopt " + option, state);
        }
    }

    /** The address it is bound to. */
    public InetSocketAddress localAddress() throws IOException {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment name = local.allocate(SocketAddresses.OCTETS, 8);
            MemorySegment length = local.allocateFrom(ValueLayout.JAVA_INT, SocketAddresses.OCTETS);
            MemorySegment errors = SystemCalls.newState(local);
            if (SystemCalls.nameOf(errors, fd, name, length) != 0) {
                throw SystemCalls.failed("getsockname", errors);
            }
            return SocketAddresses.read(name);
        }
    }

    /**
     * Waits for datagrams and takes all that are there.
     *
     * @return how many; 0 when the patience is at its end
     * @throws IOException with the kernel's errno
     */
    public int receive() throws IOException {
        for (int i = 0; i < batch; i++) {
            in.set(ValueLayout.JAVA_INT, at(MESSAGE, i) + NAME_LENGTH, SocketAddresses.OCTETS);
        }
        int count = SystemCalls.receive(state, fd, in, batch, MSG_WAITFORONE);
        if (count < 0) {
            int errno = SystemCalls.errno(state);
            if (errno == SystemCalls.EAGAIN || errno == SystemCalls.EINTR) {
                return 0;
            }
            throw SystemCalls.failed("recvmmsg", state);
        }
        return count;
    }

    /** Copies a received datagram and returns how many octets it has. */
    public int copyTo(int index, byte[] into) {
        int length = in.get(ValueLayout.JAVA_INT, at(MESSAGE, index) + LENGTH);
        MemorySegment.copy(inOctets, ValueLayout.JAVA_BYTE, at(mostOctets, index), into, 0, length);
        return length;
    }

    /** Copies the sender's IP address and returns how many octets it has: 4 or 16. */
    public int copySenderTo(int index, byte[] into) {
        return SocketAddresses.copyTo(senders[index], into);
    }

    /** Who sent a received datagram. */
    public InetSocketAddress senderOf(int index) {
        return SocketAddresses.read(senders[index]);
    }

    /** Sends {@code octets} to the sender of a received datagram, with the next {@link #flush}. */
    public void reply(int index, byte[] octets, int length) {
        MemorySegment.copy(
                octets, 0, outOctets, ValueLayout.JAVA_BYTE, at(mostOctets, replies), length);
        outVectors.set(ValueLayout.JAVA_LONG, at(VECTOR_OCTETS, replies) + 8, length);
        long message = at(MESSAGE, replies);
        out.set(ValueLayout.ADDRESS, message + NAME, senders[index]);
        out.set(
                ValueLayout.JAVA_INT,
                message + NAME_LENGTH,
                in.get(ValueLayout.JAVA_INT, at(MESSAGE, index) + NAME_LENGTH));
        replies++;
    }

    /** Sends all replies. One that the kernel refuses is lost, as datagrams are. */
    public void flush() {
        int sent = 0;
        while (sent < replies) {
            MemorySegment rest = sent == 0 ? out : out.asSlice(at(MESSAGE, sent));
            int now = SystemCalls.send(state, fd, rest, replies - sent);
            if (now > 0) {
                sent += now;
            } else if (SystemCalls.errno(state) != SystemCalls.EINTR) {
                sent++;
            }
        }
        replies = 0;
    }

    /** Sends one datagram; for any thread. What the kernel refuses, or finds closed, is lost. */
    public synchronized void send(InetSocketAddress to, byte[] octets) {
        if (closed) {
            return;
        }
        try (Arena local = Arena.ofConfined()) {
            MemorySegment message = local.allocate(MESSAGE, 8);
            MemorySegment vector = local.allocate(VECTOR_OCTETS, 8);
            MemorySegment name = local.allocate(SocketAddresses.OCTETS, 8);
            vector.set(ValueLayout.ADDRESS, 0, local.allocateFrom(ValueLayout.JAVA_BYTE, octets));
            vector.set(ValueLayout.JAVA_LONG, 8, octets.length);
            message.set(ValueLayout.ADDRESS, NAME, name);
            message.set(ValueLayout.JAVA_INT, NAME_LENGTH, SocketAddresses.write(to, name));
            message.set(ValueLayout.ADDRESS, VECTOR, vector);
            message.set(ValueLayout.JAVA_LONG, VECTORS, 1);
            int _ = SystemCalls.send(SystemCalls.newState(local), fd, message, 1);
        }
    }

    /** By the thread that receives, or after it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        SystemCalls.close(state, fd);
        arena.close();
    }
}
