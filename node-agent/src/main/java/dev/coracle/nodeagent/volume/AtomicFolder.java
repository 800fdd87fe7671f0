package dev.coracle.nodeagent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder whose files change all at once: they are links through {@code ..data}, which is replaced
 * by a rename. Not thread-safe.
 */
final class AtomicFolder {

    private static final String DATA = "..data";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.nnnnnnnnn")
                    .withZone(ZoneOffset.UTC);

    private final Path folder;

    AtomicFolder(Path folder) {
        this.folder = folder;
    }

    /** What is done to the new files before they are seen. */
    @FunctionalInterface
    interface Finish {
        void apply(Path folder) throws IOException;
    }

    /** Makes the folder show these files, by path, and no others. */
    void write(Map<String, FileContent> files, Instant now, Finish finish) throws IOException {
        Files.createDirectories(folder);
        Path data = folder.resolve(DATA);
        Path old = null;
        if (Files.isSymbolicLink(data)) {
            old = folder.resolve(Files.readSymbolicLink(data));
        }
        Instant stamp = now;
        while (Files.exists(folder.resolve(STAMP.format(stamp)))) {
            stamp = stamp.plusNanos(1);
        }
        Path fresh = Files.createDirectory(folder.resolve(STAMP.format(stamp)));
        PosixModes.set(fresh, 0755);
        for (Map.Entry<String, FileContent> entry : files.entrySet()) {
            writeFile(fresh, entry.getKey(), entry.getValue());
        }
        finish.apply(fresh);
        Path next = folder.resolve("..data_tmp");
        Files.deleteIfExists(next);
        Path _ = Files.createSymbolicLink(next, Objects.requireNonNull(fresh.getFileName()));
        Path _ = Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        link(files.keySet());
        if (old != null && !old.equals(fresh)) {
            delete(old);
        }
    }

    private void link(Set<String> paths) throws IOException {
        Set<String> tops = new HashSet<>();
        paths.forEach(path -> tops.add(path.split("/", 2)[0]));
        for (String top : tops) {
            Path link = folder.resolve(top);
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Path _ = Files.createSymbolicLink(link, Path.of(DATA, top));
            }
        }
        try (Stream<Path> present = Files.list(folder)) {
            for (Path path : present.toList()) {
                String name = String.valueOf(path.getFileName());
                if (!name.startsWith("..") && !tops.contains(name)) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static void writeFile(Path fresh, String path, FileContent content) throws IOException {
        Path file = fresh.resolve(path).normalize();
        if (!file.startsWith(fresh)) {
            throw new IOException("invalid path: must not contain '..': " + path);
        }
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, content.content());
        PosixModes.set(file, content.mode());
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException _) {
            // somebody else has deleted it
        }
    }
}
