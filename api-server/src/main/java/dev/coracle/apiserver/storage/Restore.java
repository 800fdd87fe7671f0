package dev.coracle.apiserver.storage;

import dev.coracle.apiserver.storage.StoreException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Puts a snapshot where a stopped API server will find it: all of it, or nothing. */
public final class Restore {

    /**
     * How far the revision is set ahead. Clients may know revisions that were written after the
     * snapshot and are lost; none of them must be given out a second time, nor be watched from.
     */
    static final long AHEAD = 1_000_000_000;

    private Restore() {}

    /** What a snapshot holds. */
    public record Content(long objects, long revision) {}

    /** What was restored; {@code replaced} are the files that were set aside. */
    public record Result(long objects, long revision, List<Path> replaced) {

        public Result {
            replaced = List.copyOf(replaced);
        }
    }

    /**
     * Restores into the H2 file of a data directory; one that is there is renamed.
     *
     * @throws StoreException if the snapshot is damaged, or the file is in use
     */
    public static Result intoDirectory(Path snapshot, Path directory) throws IOException {
        long objects = check(snapshot).objects();
        Path database = LogAddress.databaseFile(directory);
        Path mark = LogAddress.markFile(directory);
        if (Files.exists(database)) {
            refuseIfInUse(directory);
        }
        Path fresh = Files.createTempDirectory(Files.createDirectories(directory), "restore");
        long revision = write(snapshot, LogAddress.inDirectory(fresh));
        List<Path> replaced = setAside(List.of(database, mark));
        Files.move(LogAddress.markFile(fresh), mark);
        Files.move(LogAddress.databaseFile(fresh), database);
        Files.delete(fresh);
        return new Result(objects, revision, replaced);
    }

    /**
     * Restores into a database that has no log yet.
     *
     * @throws StoreException if the snapshot is damaged, or there is a log
     */
    public static Result intoDatabase(Path snapshot, String url) throws IOException {
        long objects = check(snapshot).objects();
        return new Result(objects, write(snapshot, new LogAddress(url, null)), List.of());
    }

    /**
     * Reads a snapshot to its end.
     *
     * @throws StoreException if it is damaged
     */
    public static Content check(Path snapshot) throws IOException {
        AtomicLong objects = new AtomicLong();
        try (InputStream in = open(snapshot)) {
            long revision = SnapshotFormat.read(in, _ -> objects.incrementAndGet());
            return new Content(objects.get(), revision);
        }
    }

    private static long write(Path snapshot, LogAddress address) throws IOException {
        try (R2dbcLog log = new R2dbcLog(address);
                InputStream in = open(snapshot)) {
            return log.fill(entries -> SnapshotFormat.read(in, entries) + AHEAD);
        }
    }

    private static InputStream open(Path snapshot) throws IOException {
        return new BufferedInputStream(Files.newInputStream(snapshot), 1 << 16);
    }

    /** H2 locks a file it has open. */
    private static void refuseIfInUse(Path directory) throws IOException {
        try {
            new R2dbcLog(LogAddress.inDirectory(directory)).close();
        } catch (StoreException e) {
            if (e.getMessage() != null && e.getMessage().contains("already in use")) {
                throw new StoreException(
                        Reason.UNAVAILABLE,
                        "an API server uses "
                                + LogAddress.databaseFile(directory)
                                + "; stop it first",
                        e);
            }
            // damaged, which may be why it is replaced
        }
    }

    private static List<Path> setAside(List<Path> files) throws IOException {
        List<Path> existing = files.stream().filter(Files::exists).toList();
        for (int number = 1; ; number++) {
            String suffix = ".replaced-" + number;
            if (existing.stream().noneMatch(file -> Files.exists(beside(file, suffix)))) {
                for (Path file : existing) {
                    Files.move(file, beside(file, suffix));
                }
                return existing.stream().map(file -> beside(file, suffix)).toList();
            }
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
