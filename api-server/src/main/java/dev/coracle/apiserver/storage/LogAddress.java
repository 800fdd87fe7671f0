package dev.coracle.apiserver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a log is.
 *
 * @param url of R2DBC
 * @param mark the file of the {@link HighWaterMark}; null for a database that keeps no file here
 */
public record LogAddress(String url, @Nullable Path mark) {

    /** The name of the file in the data directory that H2 keeps, without its own extension. */
    private static final String NAME = "coracle";

    /**
     * WRITE_DELAY: a commit goes to the file at once. RETENTION_TIME: what no commit needs any more
     * is overwritten soon; every commit is synchronized, so nothing older has to stay for a crash.
     * CACHE_SIZE, in KiB: nothing is read but at start.
     */
    private static final String OPTIONS =
            "WRITE_DELAY=0;RETENTION_TIME=100;CACHE_SIZE=4096;DB_CLOSE_ON_EXIT=FALSE";

    /**
     * An H2 file in {@code directory}, or the database at {@code url} when that is not empty.
     *
     * @throws IOException if the directory cannot be made
     */
    public static LogAddress of(String url, Path directory) throws IOException {
        return url.isEmpty() ? inDirectory(directory) : new LogAddress(url, null);
    }

    /**
     * An H2 file.
     *
     * @throws IOException if the directory cannot be made
     */
    public static LogAddress inDirectory(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path absolute = directory.toAbsolutePath();
        return new LogAddress(
                "r2dbc:h2:file:///" + absolute.resolve(NAME) + "?options=" + OPTIONS,
                markFile(absolute));
    }

    /** The database's file in {@code directory}. */
    static Path databaseFile(Path directory) {
        return directory.resolve(NAME + ".mv.db");
    }

    /** The file of the high-water mark in {@code directory}. */
    static Path markFile(Path directory) {
        return directory.resolve(NAME + ".head");
    }

    /** Without credentials and options. */
    @Override
    public String toString() {
        return url.replaceFirst("\\?.*", "").replaceFirst("//[^/]*@", "//");
    }
}
