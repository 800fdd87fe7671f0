package dev.coracle.cluster;

import dev.coracle.cluster.fabric.Fabric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * Which process runs the cluster of this host: there is one at a time, because its networks have
 * fixed names. Root's is recorded in {@code /run/coracle}, a user's in {@code XDG_RUNTIME_DIR} or
 * in a folder of the temporary files that only this user can write.
 *
 * @param started the process's start, milliseconds since the epoch; tells it from a later one with
 *     the same number
 */
public record RunFile(long pid, long started, int apiPort, Path data, Fabric fabric) {

    private static final Path FILE = folder().resolve("cluster.properties");

    /** What is recorded, if its process lives. */
    public static Optional<RunFile> findLiving() {
        return find().filter(recorded -> recorded.process().isPresent());
    }

    /** What is recorded, whether or not its process ended without removing it. */
    public static Optional<RunFile> find() {
        if (!Files.isReadable(FILE)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(FILE)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RunFile recorded =
                new RunFile(
                        Long.parseLong(properties.getProperty("pid", "0")),
                        Long.parseLong(properties.getProperty("started", "0")),
                        Integer.parseInt(properties.getProperty("api-port", "0")),
                        Path.of(properties.getProperty("data", "/")),
                        Fabric.valueOf(properties.getProperty("fabric", Fabric.NETNS.name())));
        return Optional.of(recorded);
    }

    /** The living process, if it is still the same. */
    public Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid).filter(found -> startOf(found) == started);
    }

    /** Records this process. */
    public static void write(Path data, int apiPort, Fabric fabric) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Properties properties = new Properties();
        properties.setProperty("pid", Long.toString(self.pid()));
        properties.setProperty("started", Long.toString(startOf(self)));
        properties.setProperty("api-port", Integer.toString(apiPort));
        properties.setProperty("data", data.toString());
        properties.setProperty("fabric", fabric.name());
        Path folder = Files.createDirectories(FILE.getParent());
        if (userId(folder) != userId(Path.of("/proc/self"))) {
            throw new IOException(folder + " is another user's");
        }
        try (var out = Files.newBufferedWriter(FILE)) {
            properties.store(out, null);
        }
    }

    public static void remove() throws IOException {
        Files.deleteIfExists(FILE);
    }

    private static Path folder() {
        try {
            int user = userId(Path.of("/proc/self"));
            String own = System.getenv("XDG_RUNTIME_DIR");
            if (user == 0) {
                return Path.of("/run/coracle");
            }
            return own == null || !Files.isWritable(Path.of(own))
                    ? Path.of(System.getProperty("java.io.tmpdir"), "coracle-" + user)
                    : Path.of(own, "coracle");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int userId(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:uid");
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(0L);
    }
}
