package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Images on disk: a folder per image, named by its id, with {@code image.json} and the files in
 * {@code root}. Several processes may use it: changes are made under a lock and become visible at
 * once.
 */
public final class ImageFolder {

    private static final ObjectMapper JSON = new ObjectMapper();
    // the file lock is between processes only
    private static final Object LOCK = new Object();

    private final Path folder;

    /** The images in {@code folder}, which need not exist. */
    public ImageFolder(Path folder) {
        this.folder = folder;
    }

    /** All images, the newest first. */
    public List<StoredImage> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<StoredImage> images = new ArrayList<>();
        try (Stream<Path> folders = Files.list(folder)) {
            for (Path each : folders.sorted().toList()) {
                Path record = each.resolve("image.json");
                if (Files.exists(record) && !isTemporary(each)) {
                    images.add(JSON.readValue(Files.readString(record), StoredImage.class));
                }
            }
        }
        images.sort((a, b) -> b.since().compareTo(a.since()));
        return images;
    }

    /** The image of a name. */
    public Optional<StoredImage> find(ImageReference reference) throws IOException {
        return list().stream().filter(image -> image.isCalled(reference)).findFirst();
    }

    /** Where an image's files are. */
    public Path root(StoredImage image) {
        return folder(image.id()).resolve("root");
    }

    /** An empty folder to make an image in; {@link #discard} removes it. */
    Path temporary() throws IOException {
        Files.createDirectories(folder);
        return Files.createTempDirectory(folder, ".new-");
    }

    static void discard(Path temporary) throws IOException {
        FileTree.delete(temporary);
    }

    /**
     * Keeps an image, whose names are taken from those that had them.
     *
     * @param files its root file system, moved
     */
    StoredImage add(StoredImage image, Path files) throws IOException {
        return locked(() -> {
            List<String> digests = new ArrayList<>(image.digests());
            List<String> names = new ArrayList<>(image.names());
            for (StoredImage other : list()) {
                if (other.id().equals(image.id())) {
                    other.digests().stream()
                            .filter(d -> !digests.contains(d))
                            .forEach(digests::add);
                    other.names().stream().filter(n -> !names.contains(n)).forEach(names::add);
                } else if (other.names().stream().anyMatch(names::contains)) {
                    List<String> left =
                            other.names().stream().filter(n -> !names.contains(n)).toList();
                    write(other.named(left, other.digests()));
                }
            }
            StoredImage known = image.named(names, digests);
            Path home = folder(image.id());
            if (!Files.isDirectory(home)) {
                Path made = Objects.requireNonNull(files.getParent());
                Files.writeString(made.resolve("image.json"), JSON.writeValueAsString(known));
                Path _ = Files.move(made, home, StandardCopyOption.ATOMIC_MOVE);
            } else {
                write(known);
            }
            return known;
        });
    }

    /**
     * Takes a name from its image, or removes the image by its id or the beginning of that; an
     * image without names goes too.
     *
     * @param used {@link StoredImage#reference()} of images whose files are needed
     * @return whether its files went
     * @throws IllegalArgumentException if there is none, or its files would go and are needed
     */
    public boolean remove(String nameOrId, Set<String> used) throws IOException {
        return locked(() -> {
            String hex = nameOrId.startsWith("sha256:") ? nameOrId.substring(7) : nameOrId;
            for (StoredImage image : list()) {
                if (hex.length() >= 6 && image.id().substring(7).startsWith(hex)) {
                    delete(image, used);
                    return true;
                }
            }
            ImageReference wanted = ImageReference.parse(nameOrId);
            StoredImage image =
                    find(wanted)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "no image '" + nameOrId + "' is here"));
            List<String> left =
                    image.names().stream()
                            .filter(name -> !image.named(List.of(name), List.of()).isCalled(wanted))
                            .toList();
            if (left.isEmpty() || !wanted.digest().isEmpty()) {
                delete(image, used);
                return true;
            }
            write(image.named(left, image.digests()));
            return false;
        });
    }

    private void delete(StoredImage image, Set<String> used) throws IOException {
        if (used.contains(image.id()) || image.digests().stream().anyMatch(used::contains)) {
            throw new IllegalArgumentException(
                    "a container runs of image '" + image.reference() + "'");
        }
        FileTree.delete(folder(image.id()));
    }

    private void write(StoredImage image) throws IOException {
        Path file = folder(image.id()).resolve("image.json");
        Path part = file.resolveSibling("image.json.part");
        Files.writeString(part, JSON.writeValueAsString(image));
        Path _ = Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path folder(String id) {
        return folder.resolve(id.substring(id.indexOf(':') + 1));
    }

    private static boolean isTemporary(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    private <T> T locked(Change<T> change) throws IOException {
        Files.createDirectories(folder);
        synchronized (LOCK) {
            try (FileChannel file =
                            FileChannel.open(
                                    folder.resolve(".lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock _ = file.lock()) {
                return change.make();
            }
        }
    }

    @FunctionalInterface
    private interface Change<T> {
        T make() throws IOException;
    }
}
