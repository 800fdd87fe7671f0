package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A file with images: an OCI layout or what {@code docker save} writes, as a tar archive, gzipped
 * or not.
 */
public final class ImageArchive {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ImageFolder folder;
    private final ImageAddition addition;

    public ImageArchive(ImageFolder folder, ImageAddition addition) {
        this.folder = folder;
        this.addition = addition;
    }

    /**
     * Adds all images of a file.
     *
     * @param name what its one image is called, besides the names it has itself; may be empty
     * @throws IOException with what is wrong with it; nothing of a broken image is added
     */
    public List<StoredImage> load(Path file, String name) throws IOException {
        Path temporary = folder.temporary();
        try {
            unpack(file, temporary);
            RootPaths paths = new RootPaths(temporary);
            ImageBlobs blobs = blob -> open(temporary, paths, blob.name());
            List<StoredImage> images = new ArrayList<>();
            for (Found found : find(temporary, paths)) {
                List<String> names = new ArrayList<>(found.names());
                if (!name.isEmpty()) {
                    names.add(ImageReference.parse(name).named());
                }
                if (names.isEmpty()) {
                    throw new IOException(
                            "'" + file + "' does not say what its image is called: give --name");
                }
                List<String> digests =
                        found.digest().isEmpty()
                                ? List.of()
                                : List.of(
                                        ImageReference.parse(names.getFirst())
                                                .withDigest(found.digest()));
                images.add(addition.add(blobs, found.parts(), names, digests, false));
            }
            if (images.isEmpty()) {
                throw new IOException("'" + file + "' has no image for this machine");
            }
            return images;
        } finally {
            ImageFolder.discard(temporary);
        }
    }

    /**
     * One image of an archive.
     *
     * @param digest of its manifest, or empty
     */
    private record Found(ImageBlobs.Parts parts, List<String> names, String digest) {}

    private static List<Found> find(Path files, RootPaths paths) throws IOException {
        if (Files.exists(files.resolve("manifest.json"))) {
            return saved(JSON.readTree(bytes(files, paths, "manifest.json", "")));
        }
        if (!Files.exists(files.resolve("index.json"))) {
            throw new IOException(
                    "neither an OCI layout nor written by 'docker save': it has no index.json and"
                            + " no manifest.json");
        }
        List<Found> found = new ArrayList<>();
        JsonNode index = JSON.readTree(bytes(files, paths, "index.json", ""));
        for (JsonNode each : index.path("manifests")) {
            if (ImageManifest.isForUs(each)) {
                String digest = each.path("digest").asText();
                byte[] manifest = bytes(files, paths, blob(digest), digest);
                JsonNode node = JSON.readTree(manifest);
                if (ImageManifest.isIndex(node)) {
                    String chosen = ImageManifest.choose(node);
                    node = JSON.readTree(bytes(files, paths, blob(chosen), chosen));
                }
                found.add(new Found(parts(node), names(each), digest));
            }
        }
        return found;
    }

    private static List<Found> saved(JsonNode list) {
        List<Found> found = new ArrayList<>();
        for (JsonNode each : list) {
            List<ImageBlobs.Blob> layers = new ArrayList<>();
            each.path("Layers").forEach(l -> layers.add(new ImageBlobs.Blob(l.asText(), "")));
            String config = each.path("Config").asText();
            String hex = config.substring(config.lastIndexOf('/') + 1).replace(".json", "");
            List<String> names = new ArrayList<>();
            each.path("RepoTags").forEach(tag -> names.add(tag.asText()));
            found.add(
                    new Found(
                            new ImageBlobs.Parts(
                                    new ImageBlobs.Blob(
                                            config,
                                            hex.matches("[0-9a-f]{64}") ? "sha256:" + hex : ""),
                                    layers),
                            names,
                            ""));
        }
        return found;
    }

    private static ImageBlobs.Parts parts(JsonNode manifest) throws IOException {
        ImageBlobs.Parts parts = ImageManifest.parts(manifest);
        return new ImageBlobs.Parts(
                inLayout(parts.config()),
                parts.layers().stream().map(ImageArchive::inLayout).toList());
    }

    private static ImageBlobs.Blob inLayout(ImageBlobs.Blob blob) {
        return new ImageBlobs.Blob(blob(blob.digest()), blob.digest());
    }

    private static String blob(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    private static List<String> names(JsonNode descriptor) {
        JsonNode notes = descriptor.path("annotations");
        String name = notes.path("io.containerd.image.name").asText("");
        if (name.isEmpty()) {
            name = notes.path("org.opencontainers.image.ref.name").asText("");
        }
        // a tag alone says nothing
        return name.contains(":") || name.contains("/")
                ? List.of(ImageReference.parse(name).named())
                : List.of();
    }

    private static byte[] bytes(Path files, RootPaths paths, String name, String digest)
            throws IOException {
        try (VerifiedStream in = new VerifiedStream(open(files, paths, name), digest, name)) {
            byte[] all = in.readAllBytes();
            in.verify();
            return all;
        }
    }

    private static InputStream open(Path files, RootPaths paths, String name) throws IOException {
        Path file = files.resolve(paths.resolve("/" + name).substring(1));
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("the archive has no '" + name + "'");
        }
        return Files.newInputStream(file);
    }

    private static void unpack(Path file, Path to) throws IOException {
        RootPaths paths = new RootPaths(to);
        try (InputStream raw = Files.newInputStream(file);
                InputStream plain = VerifiedStream.decompressed(raw, "'" + file + "'");
                TarArchiveInputStream tar = new TarArchiveInputStream(plain, "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                Path target = to.resolve(paths.resolve("/" + entry.getName()).substring(1));
                if (target.equals(to) || entry.isDirectory()) {
                    continue;
                }
                Path parent = target.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                if (entry.isSymbolicLink()) {
                    Path _ = Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else if (entry.isFile()) {
                    long _ = Files.copy(tar, target);
                }
            }
        }
    }
}
