package dev.coracle.nodeagent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Permission bits as numbers. */
final class PosixModes {

    private static final int BITS = 07777;

    private PosixModes() {}

    static void set(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode & BITS);
    }

    static int get(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & BITS;
    }

    static int group(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS);
    }

    static void group(Path path, long group) throws IOException {
        Files.setAttribute(path, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
    }

    static void owner(Path path, long user) throws IOException {
        Files.setAttribute(path, "unix:uid", (int) user, LinkOption.NOFOLLOW_LINKS);
    }
}
