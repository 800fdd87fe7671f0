package dev.coracle.nodeagent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Checks of hostPath volumes by their type. */
final class HostPaths {

    private static final int KIND = 0170000;
    private static final int SOCKET = 0140000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;

    private HostPaths() {}

    /** The path, which is made if its type says so. */
    static Path check(String text, String type) throws IOException {
        Path path = Path.of(text);
        switch (type) {
            case "DirectoryOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createDirectories(path);
                    PosixModes.set(path, 0755);
                }
                require(Files.isDirectory(path), path, "directory");
            }
            case "Directory" -> require(Files.isDirectory(path), path, "directory");
            case "FileOrCreate" -> {
                if (!Files.exists(path)) {
                    Path _ =
                            Files.createFile(
                                    path,
                                    PosixFilePermissions.asFileAttribute(
                                            PosixFilePermissions.fromString("rw-r--r--")));
                }
                require(Files.isRegularFile(path), path, "file");
            }
            case "File" -> require(Files.isRegularFile(path), path, "file");
            case "Socket" -> require(isKind(path, SOCKET), path, "socket file");
            case "CharDevice" -> require(isKind(path, CHARACTER), path, "character device");
            case "BlockDevice" -> require(isKind(path, BLOCK), path, "block device");
            default -> {
                if (!Files.exists(path)) {
                    Files.createDirectories(path);
                }
            }
        }
        return path;
    }

    private static boolean isKind(Path path, int kind) throws IOException {
        return Files.exists(path)
                && ((int)
                                        Objects.requireNonNull(
                                                Files.getAttribute(
                                                        path.toRealPath(),
                                                        "unix:mode",
                                                        LinkOption.NOFOLLOW_LINKS))
                                & KIND)
                        == kind;
    }

    private static void require(boolean holds, Path path, String what) throws IOException {
        if (!holds) {
            throw new IOException("hostPath type check failed: " + path + " is not a " + what);
        }
    }
}
