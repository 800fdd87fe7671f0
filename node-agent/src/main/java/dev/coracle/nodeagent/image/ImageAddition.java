package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Makes images of their parts and adds them to the folder. Every digest is verified. */
public final class ImageAddition {

    private static final int LARGEST_CONFIG = 8 * 1024 * 1024;

    private final ImageFolder folder;
    private final InstantSource clock;

    public ImageAddition(ImageFolder folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * Adds an image.
     *
     * @param names references that lead to it
     * @param digests references by the digest of its manifest
     * @throws IOException if a part cannot be read or is not what its digest says; nothing is added
     */
    public StoredImage add(
            ImageBlobs blobs,
            ImageBlobs.Parts parts,
            List<String> names,
            List<String> digests,
            boolean pulled)
            throws IOException {
        byte[] json;
        try (VerifiedStream in =
                new VerifiedStream(
                        blobs.open(parts.config()), parts.config().digest(), "the image config")) {
            json = in.readNBytes(LARGEST_CONFIG);
            in.verify();
        }
        ImageConfig config = ImageConfig.parse(json);
        if (config.diffIds().size() != parts.layers().size()) {
            throw new IOException(
                    "the image has "
                            + parts.layers().size()
                            + " layers, but its config names "
                            + config.diffIds().size());
        }
        Path temporary = folder.temporary();
        try {
            Path root = Files.createDirectory(temporary.resolve("root"));
            LayerExtraction extraction = new LayerExtraction(root);
            for (int i = 0; i < parts.layers().size(); i++) {
                layer(
                        extraction,
                        blobs,
                        parts.layers().get(i),
                        config.diffIds().get(i),
                        "layer " + (i + 1));
            }
            extraction.finish();
            return folder.add(
                    new StoredImage(
                            VerifiedStream.digest(json),
                            names,
                            digests,
                            extraction.bytes(),
                            clock.instant().toString(),
                            pulled,
                            config),
                    root);
        } finally {
            ImageFolder.discard(temporary);
        }
    }

    private static void layer(
            LayerExtraction extraction,
            ImageBlobs blobs,
            ImageBlobs.Blob blob,
            String diffId,
            String what)
            throws IOException {
        try (VerifiedStream raw = new VerifiedStream(blobs.open(blob), blob.digest(), what);
                InputStream plain = VerifiedStream.decompressed(raw, what)) {
            VerifiedStream content = new VerifiedStream(plain, diffId, what + ", decompressed,");
            extraction.add(content);
            content.verify();
            raw.verify();
        }
    }
}
