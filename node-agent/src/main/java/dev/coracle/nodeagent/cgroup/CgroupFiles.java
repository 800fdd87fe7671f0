package dev.coracle.nodeagent.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads and writes the files of control groups. */
final class CgroupFiles {

    private CgroupFiles() {}

    static void write(Path file, String value) throws IOException {
        try {
            Files.writeString(file, value + "\n");
        } catch (IOException e) {
            throw new IOException("cannot write '" + value + "' to " + file + ": " + e, e);
        }
    }

    /** Writes what some kernels do not have. */
    static void writeIfPresent(Path file, String value) throws IOException {
        if (Files.exists(file)) {
            write(file, value);
        }
    }

    /** A file of one number; 0 if it is absent or has none. */
    static long number(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    /** The number behind a word in a file of {@code word number} lines; 0 if there is none. */
    static long field(Path file, String word) {
        try {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(" ", 2);
                if (parts.length == 2 && parts[0].equals(word)) {
                    return Long.parseLong(parts[1].strip());
                }
            }
        } catch (IOException | NumberFormatException _) {
            return 0;
        }
        return 0;
    }

    /** Removes a group and those in it, as far as no process is left in them. */
    static void remove(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> folders =
                    all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
            for (Path each : folders) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | java.io.UncheckedIOException _) {
            // a process is still in it; the next start of the agent tries again
        }
    }
}
