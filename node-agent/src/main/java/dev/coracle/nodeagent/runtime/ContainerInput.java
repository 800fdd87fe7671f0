package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a container's input: a named pipe that a small process keeps open, so that no reader
 * meets an end of it before this says so. Thread-safe.
 */
final class ContainerInput {

    private static final Logger log = LoggerFactory.getLogger(ContainerInput.class);

    private final RunFolder folder;
    private @Nullable OutputStream pipe;

    ContainerInput(RunFolder folder) {
        this.folder = folder;
    }

    void write(byte[] bytes) throws IOException {
        OutputStream out;
        synchronized (this) {
            if (pipe == null) {
                if (holder().isEmpty()) {
                    throw new IOException("the container's input has ended");
                }
                pipe = Files.newOutputStream(folder.stdin(), StandardOpenOption.WRITE);
            }
            out = pipe;
        }
        out.write(bytes);
    }

    /** The container reads to the end of what was written, and then meets the end. */
    synchronized void end() {
        try {
            if (pipe != null) {
                pipe.close();
                pipe = null;
            }
        } catch (IOException e) {
            log.debug("'{}' is not wholly closed: {}", folder.stdin(), e.toString());
        }
        holder().ifPresent(ProcessHandle::destroyForcibly);
    }

    private Optional<ProcessHandle> holder() {
        Path file = folder.holder();
        try {
            return Files.exists(file)
                    ? ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                            .filter(ProcessHandle::isAlive)
                            .filter(this::holdsThePipe)
                    : Optional.empty();
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    /** Not another process that was given the number of one that has ended. */
    private boolean holdsThePipe(ProcessHandle process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "fd", "3"))
                    .equals(folder.stdin());
        } catch (IOException _) {
            return false;
        }
    }
}
