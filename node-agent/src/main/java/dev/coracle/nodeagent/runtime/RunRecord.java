package dev.coracle.nodeagent.runtime;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What an agent must know of a run that an earlier one started.
 *
 * @param pid of the shell that waits for the container
 * @param startTicks when that shell started (proc(5), field 22), so that another process with its
 *     number is not taken for it
 * @param stopSignal asks it to end; null if an agent wrote it that knew of SIGTERM only
 */
record RunRecord(
        String id,
        String name,
        int attempt,
        String imageId,
        String startedAt,
        long pid,
        long startTicks,
        String log,
        Map<String, String> env,
        List<String> join,
        List<String> drop,
        boolean hostPid,
        boolean filtersCalls,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        @Nullable String stopSignal) {

    static RunRecord of(
            String id,
            ContainerSpec spec,
            Entry entry,
            Instant startedAt,
            long pid,
            long startTicks) {
        return new RunRecord(
                id,
                spec.name(),
                spec.attempt(),
                spec.imageId(),
                startedAt.toString(),
                pid,
                startTicks,
                spec.log().toString(),
                spec.env(),
                entry.join(),
                entry.drop(),
                entry.hostPid(),
                entry.filtersCalls(),
                spec.console().stdin(),
                spec.console().once(),
                spec.console().tty(),
                spec.image().stopSignal());
    }

    /** 64 hexadecimal digits, as the CRI's container ids. */
    static String newId() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * How a further process comes to be of the container.
     *
     * @param join shell lines that enter its groups
     * @param drop the command that gives up what it may not do and runs what follows
     * @param hostPid whether it has no PID namespace of its own
     * @param filtersCalls whether system calls are filtered
     */
    record Entry(List<String> join, List<String> drop, boolean hostPid, boolean filtersCalls) {}

    ContainerSpec.Console console() {
        return new ContainerSpec.Console(stdin, stdinOnce, tty);
    }

    /** Replaces the file at once; it holds the environment, so nobody else may read it. */
    void write(Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Path _ =
                Files.createFile(
                        part,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(part, Serialization.asJson(this));
        Path _ = Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static Optional<RunRecord> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Serialization.unmarshal(Files.readString(file), RunRecord.class));
        } catch (RuntimeException e) {
            throw new IOException("cannot read '" + file + "': " + e.getMessage(), e);
        }
    }

    /** The process, if it is still that one. */
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(_ -> startTicks == ProcFiles.startTicks(pid));
    }
}
