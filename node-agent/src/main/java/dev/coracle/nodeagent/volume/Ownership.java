package dev.coracle.nodeagent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Gives volumes to a pod's fsGroup. */
final class Ownership {

    private static final int SET_GROUP_ID = 02000;

    private Ownership() {}

    /**
     * Every file below {@code root}, itself included, becomes the group's, which may read it, and
     * write it unless {@code readOnly}; folders pass the group on.
     *
     * @param unlessMatching nothing is done if the root is so already
     */
    static void give(Path root, long group, boolean readOnly, boolean unlessMatching)
            throws IOException {
        int mask = readOnly ? 0440 : 0660;
        int folders = mask | SET_GROUP_ID | 0110;
        if (unlessMatching
                && PosixModes.group(root) == group
                && (PosixModes.get(root) & folders) == folders) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                PosixModes.group(file, group);
                if (Files.isSymbolicLink(file)) {
                    continue;
                }
                boolean folder = Files.isDirectory(file);
                PosixModes.set(file, PosixModes.get(file) | (folder ? folders : mask));
            }
        }
    }
}
