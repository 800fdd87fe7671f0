package dev.coracle.cluster.rootless;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Bytes between two blocking channels; each direction has a thread of its own. */
final class Pipes {

    private static final int BUFFER = 32 * 1024;
    private static final int LONGEST_LINE = 200;

    private Pipes() {}

    /** Copies both ways until both have ended; closes both. Ends one way when its reader does. */
    static void join(SocketChannel one, SocketChannel other) throws InterruptedException {
        Thread back = Thread.ofVirtual().start(() -> copy(other, one));
        try {
            copy(one, other);
            back.join();
        } finally {
            close(one);
            close(other);
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try {
            while (from.read(buffer) >= 0) {
                write(to, buffer.flip());
                buffer.clear();
            }
            var _ = to.shutdownOutput();
        } catch (IOException _) {
            // one of the two is gone: so is the connection
            close(from);
            close(to);
        }
    }

    static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = to.write(bytes);
        }
    }

    static void writeLine(SocketChannel to, String line) throws IOException {
        write(to, ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    /** Reads up to the end of a line, and nothing behind it. */
    static String readLine(SocketChannel from) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.length() <= LONGEST_LINE) {
            if (from.read(one.clear()) < 0) {
                throw new EOFException("the other side is gone");
            }
            char character = (char) one.get(0);
            if (character == '\n') {
                return line.toString();
            }
            line.append(character);
        }
        throw new IOException("a line without an end");
    }

    /** Fills the buffer. */
    static void read(SocketChannel from, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (from.read(into) < 0) {
                throw new EOFException("the other side is gone");
            }
        }
    }

    /** Writes a datagram with its length before it. */
    static void writeDatagram(SocketChannel to, ByteBuffer datagram) throws IOException {
        ByteBuffer framed = ByteBuffer.allocate(2 + datagram.remaining());
        framed.putShort((short) datagram.remaining()).put(datagram).flip();
        write(to, framed);
    }

    static ByteBuffer readDatagram(SocketChannel from) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(2);
        read(from, length);
        ByteBuffer datagram = ByteBuffer.allocate(Short.toUnsignedInt(length.getShort(0)));
        read(from, datagram);
        return datagram.flip();
    }

    /** Closes a TCP connection so that its peer sees a reset. */
    static void reset(SocketChannel channel) {
        try {
            var _ = channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException | UnsupportedOperationException _) {
            // it is closed already
        }
        close(channel);
    }

    static void close(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception _) {
            // nothing can be done about it
        }
    }
}
