package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Lays the layers of an image on one another, by the OCI image specification: later files replace
 * earlier ones, {@code .wh.NAME} removes NAME and {@code .wh..wh..opq} all that earlier layers put
 * into its folder. No entry reaches out of the folder, whatever its name and the links before it.
 * Devices and pipes are left out.
 */
final class LayerExtraction {

    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int MODE_BITS = 07777;

    private final Path root;
    private final RootPaths paths;
    private final Map<Path, FileTime> folderTimes = new LinkedHashMap<>();
    private long bytes;

    LayerExtraction(Path root) {
        this.root = root;
        this.paths = new RootPaths(root);
    }

    /** How many bytes of files were written. */
    long bytes() {
        return bytes;
    }

    /** Adds a layer: a tar archive that is not compressed. */
    void add(InputStream layer) throws IOException {
        Set<Path> own = new HashSet<>();
        // not closed: what follows the archive belongs to the digest
        TarArchiveInputStream tar = new TarArchiveInputStream(layer, "UTF-8");
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            try {
                add(entry, tar, own);
            } catch (InvalidPathException e) {
                throw new IOException(
                        "'"
                                + entry.getName()
                                + "' cannot be a file name here: start the node with LC_ALL=C.UTF-8",
                        e);
            }
        }
    }

    /** Sets what writing into folders has changed. */
    void finish() throws IOException {
        for (Map.Entry<Path, FileTime> folder : folderTimes.entrySet()) {
            if (Files.isDirectory(folder.getKey(), LinkOption.NOFOLLOW_LINKS)) {
                Path _ = Files.setLastModifiedTime(folder.getKey(), folder.getValue());
            }
        }
    }

    private void add(TarArchiveEntry entry, InputStream content, Set<Path> own) throws IOException {
        List<String> names =
                Stream.of(entry.getName().split("/", -1))
                        .filter(name -> !name.isEmpty() && !name.equals("."))
                        .toList();
        if (names.contains("..")) {
            throw new IOException("'" + entry.getName() + "' leads out of the image");
        }
        if (names.isEmpty()) {
            attributes(root, entry);
            return;
        }
        String base = names.getLast();
        Path parent = inside(String.join("/", names.subList(0, names.size() - 1)));
        if (base.equals(OPAQUE)) {
            removeEarlier(parent, own);
            return;
        }
        if (base.startsWith(WHITEOUT)) {
            String hidden = base.substring(WHITEOUT.length());
            if (!hidden.isEmpty() && !hidden.equals(".") && !hidden.equals("..")) {
                FileTree.delete(parent.resolve(hidden));
            }
            return;
        }
        Files.createDirectories(parent);
        Path target = parent.resolve(base);
        if (make(entry, content, target)) {
            for (Path path = target; path != null && !path.equals(root); path = path.getParent()) {
                own.add(path);
            }
        }
    }

    /** Whether there is something for the entry now. */
    private boolean make(TarArchiveEntry entry, InputStream content, Path target)
            throws IOException {
        boolean isFolder = Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS);
        if (!(entry.isDirectory() && isFolder)) {
            FileTree.delete(target);
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
        } else if (entry.isSymbolicLink()) {
            Path _ = Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Path name = Path.of("/" + entry.getLinkName()).normalize();
            Path folder = name.getParent();
            if (folder == null) {
                throw new IOException("'" + entry.getName() + "' is a link to no file");
            }
            Path _ =
                    Files.createLink(target, inside(folder.toString()).resolve(name.getFileName()));
            return true;
        } else if (entry.isFile()) {
            bytes += Files.copy(content, target);
        } else {
            return false;
        }
        attributes(target, entry);
        return true;
    }

    private void attributes(Path file, TarArchiveEntry entry) throws IOException {
        Path _ =
                Files.setAttribute(
                        file,
                        "unix:uid",
                        Math.toIntExact(entry.getLongUserId()),
                        LinkOption.NOFOLLOW_LINKS);
        Path _ =
                Files.setAttribute(
                        file,
                        "unix:gid",
                        Math.toIntExact(entry.getLongGroupId()),
                        LinkOption.NOFOLLOW_LINKS);
        if (entry.isSymbolicLink()) {
            return;
        }
        Path _ = Files.setAttribute(file, "unix:mode", entry.getMode() & MODE_BITS);
        FileTime time = entry.getLastModifiedTime();
        if (entry.isDirectory()) {
            folderTimes.put(file, time);
        } else {
            Path _ = Files.setLastModifiedTime(file, time);
        }
    }

    private static void removeEarlier(Path folder, Set<Path> own) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!own.contains(file)) {
                    FileTree.delete(file);
                } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    removeEarlier(file, own);
                }
            }
        }
    }

    /** Where a path of the image is, links in it followed inside. */
    private Path inside(String path) throws IOException {
        return root.resolve(paths.resolve("/" + path).substring(1));
    }
}
