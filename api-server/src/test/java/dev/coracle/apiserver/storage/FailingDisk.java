package dev.coracle.apiserver.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** A file system of H2's that fails on demand, as a disk that is full or read-only does. */
public final class FailingDisk extends FilePathWrapper {

    /** What can be made to fail. */
    enum Operation {
        WRITE,
        SYNCHRONIZE
    }

    private record Failure(Operation operation, String message) {}

    private static final AtomicReference<Optional<Failure>> FAILURE =
            new AtomicReference<>(Optional.empty());

    static {
        FilePath.register(new FailingDisk());
    }

    /** A log whose file is on this disk. */
    static RevisionLog log(Path directory) throws IOException {
        LogAddress address = LogAddress.inDirectory(directory);
        String file = directory.toAbsolutePath() + "/coracle";
        return new R2dbcLog(
                new LogAddress(
                        address.url()
                                .replace("///" + file, "///x")
                                .replace("?", "?url=failing:" + file + "&"),
                        address.mark()));
    }

    static void fail(Operation operation, String message) {
        FAILURE.set(Optional.of(new Failure(operation, message)));
    }

    static void heal() {
        FAILURE.set(Optional.empty());
    }

    private static void failIf(Operation operation) throws IOException {
        Optional<Failure> failure = FAILURE.get().filter(each -> each.operation() == operation);
        if (failure.isPresent()) {
            throw new IOException(failure.get().message());
        }
    }

    @Override
    public String getScheme() {
        return "failing";
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Channel(getBase().open(mode));
    }

    private static final class Channel extends FileBase {

        private final FileChannel channel;

        Channel(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            failIf(Operation.WRITE);
            return channel.write(source);
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            failIf(Operation.WRITE);
            return channel.write(source, position);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            failIf(Operation.SYNCHRONIZE);
            channel.force(metaData);
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            return channel.position(position);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            failIf(Operation.WRITE);
            return channel.truncate(size);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return channel.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }
    }
}
