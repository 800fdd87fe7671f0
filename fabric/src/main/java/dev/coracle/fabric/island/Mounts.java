package dev.coracle.fabric.island;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Mounts found by where they are. */
public final class Mounts {

    private Mounts() {}

    /**
     * Unmounts what has a source of that beginning, wherever it is mounted. In a user namespace
     * that is nothing: what was mounted before is locked, and what is mounted in it goes with it.
     */
    static void removeFrom(String source) throws IOException {
        if (!isInFirstUserNamespace()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("umount", "-l"));
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            int separator = line.indexOf(" - ");
            if (separator > 0
                    && line.substring(separator + 3).split(" ", 3)[1].startsWith(source)) {
                command.add(line.split(" ", 6)[4]);
            }
        }
        if (command.size() > 2) {
            String _ = Tool.run(command, "");
        }
    }

    private static boolean isInFirstUserNamespace() throws IOException {
        String map = Files.readAllLines(Path.of("/proc/self/uid_map")).getFirst();
        return map.strip().matches("0 +0 +4294967295");
    }

    /** Unmounts everything below {@code folder} and deletes it; does nothing if it is absent. */
    public static void removeBelow(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("umount", "-l"));
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            String mounted = line.split(" ", 6)[4];
            if (Path.of(mounted).startsWith(folder)) {
                command.add(mounted);
            }
        }
        if (command.size() > 2) {
            String _ = Tool.run(command, "");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
