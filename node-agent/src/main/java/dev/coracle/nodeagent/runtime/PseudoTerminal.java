package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The master side of a pseudo terminal (pty(7)). A thread that reads waits in short turns, so that
 * {@link #close()}, which hangs up, takes effect while it does.
 */
@SuppressWarnings("restricted") // the foreign function API is what this class is for
final class PseudoTerminal implements AutoCloseable {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TIOCSWINSZ = 0x5414;
    private static final short POLLIN = 1;
    private static final int TURN_MILLIS = 100;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN_MASTER = oneInt("posix_openpt");
    private static final MethodHandle GRANT = oneInt("grantpt");
    private static final MethodHandle UNLOCK = oneInt("unlockpt");
    private static final MethodHandle CLOSE = oneInt("close");
    private static final MethodHandle NAME =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("ptsname_r"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle IOCTL =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("ioctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle POLL =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("poll"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final FunctionDescriptor TRANSFER =
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG);
    private static final MethodHandle READ =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("read"), TRANSFER);
    private static final MethodHandle WRITE =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("write"), TRANSFER);

    private final int master;
    private final Path slave;
    private volatile boolean closed;
    private boolean reading;
    private boolean released;

    private PseudoTerminal(int master, Path slave) {
        this.master = master;
        this.slave = slave;
    }

    static PseudoTerminal open() throws IOException {
        int master = call(() -> (int) OPEN_MASTER.invokeExact(O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (master < 0) {
            throw new IOException("no pseudo terminal is left");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(128);
            int failed =
                    call(() ->
                            (int) GRANT.invokeExact(master)
                                    | (int) UNLOCK.invokeExact(master)
                                    | (int) NAME.invokeExact(master, name, 128L));
            if (failed != 0) {
                int _ = call(() -> (int) CLOSE.invokeExact(master));
                throw new IOException("the pseudo terminal cannot be set up");
            }
            return new PseudoTerminal(master, Path.of(name.getString(0)));
        }
    }

    /** What the process on the other side opens. */
    Path slave() {
        return slave;
    }

    void resize(int columns, int rows) {
        resize(master, columns, rows);
    }

    /** Resizes the terminal whose slave side is at {@code path}. */
    static void resize(Path path, int columns, int rows) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            int fd = call(() -> (int) OPEN.invokeExact(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
            if (fd < 0) {
                throw new IOException("cannot open '" + path + "'");
            }
            resize(fd, columns, rows);
            int _ = call(() -> (int) CLOSE.invokeExact(fd));
        }
    }

    private static void resize(int fd, int columns, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            // struct winsize: rows, columns, pixels
            MemorySegment size = arena.allocate(8, 2);
            size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            int _ = call(() -> (int) IOCTL.invokeExact(fd, TIOCSWINSZ, size));
        }
    }

    /** What is printed there; ends when nobody has the other side open any more, or on close. */
    InputStream output() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                return PseudoTerminal.this.read(bytes, offset, length);
            }
        };
    }

    /** Types there. */
    OutputStream input() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                PseudoTerminal.this.write(bytes, offset, length);
            }
        };
    }

    private int read(byte[] bytes, int offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(8, 4);
            MemorySegment buffer = arena.allocate(length);
            while (true) {
                synchronized (this) {
                    if (closed) {
                        return -1;
                    }
                    reading = true;
                }
                long count;
                try {
                    polled.set(ValueLayout.JAVA_INT, 0, master);
                    polled.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
                    int ready = call(() -> (int) POLL.invokeExact(polled, 1L, TURN_MILLIS));
                    if (ready <= 0) {
                        continue;
                    }
                    count = transfer(READ, buffer, length);
                } finally {
                    stoppedReading();
                }
                if (count <= 0) {
                    return -1;
                }
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, offset, (int) count);
                return (int) count;
            }
        }
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            MemorySegment.copy(bytes, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
            long done = 0;
            while (done < length) {
                if (closed) {
                    throw new IOException("the terminal is closed");
                }
                long count = transfer(WRITE, buffer.asSlice(done), length - done);
                if (count < 0) {
                    throw new IOException("the terminal is gone");
                }
                done += count;
            }
        }
    }

    private long transfer(MethodHandle function, MemorySegment buffer, long length) {
        return call(() -> (long) function.invokeExact(master, buffer, length));
    }

    private synchronized void stoppedReading() {
        reading = false;
        if (closed) {
            release();
        }
    }

    /** Hangs up: the processes there get SIGHUP. */
    @Override
    public synchronized void close() {
        closed = true;
        if (!reading) {
            release();
        }
    }

    private void release() {
        if (!released) {
            released = true;
            int _ = call(() -> (int) CLOSE.invokeExact(master));
        }
    }

    private static MethodHandle oneInt(String function) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    private interface Call<T> {
        T invoke() throws Throwable;
    }

    private static <T> T call(Call<T> call) {
        try {
            return call.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
