package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Manifests and indexes of images, those of OCI and those of Docker. Pure. */
public final class ImageManifest {

    /** All types of manifests that are understood, for a request's {@code Accept}. */
    public static final String TYPES =
            "application/vnd.oci.image.manifest.v1+json,"
                    + " application/vnd.oci.image.index.v1+json,"
                    + " application/vnd.docker.distribution.manifest.v2+json,"
                    + " application/vnd.docker.distribution.manifest.list.v2+json";

    private ImageManifest() {}

    /** Whether it lists manifests for machines. */
    public static boolean isIndex(JsonNode manifest) {
        return manifest.has("manifests");
    }

    /** The digest of the manifest for this machine. */
    public static String choose(JsonNode index) throws IOException {
        List<String> offered = new ArrayList<>();
        for (JsonNode each : index.path("manifests")) {
            JsonNode platform = each.path("platform");
            if (isForUs(each)) {
                return each.path("digest").asText();
            }
            offered.add(
                    platform.path("os").asText() + "/" + platform.path("architecture").asText());
        }
        throw new IOException(
                "no match for platform linux/"
                        + Platform.architecture()
                        + " in manifest: not found; there is "
                        + String.join(", ", offered));
    }

    static boolean isForUs(JsonNode descriptor) {
        JsonNode platform = descriptor.path("platform");
        return platform.isMissingNode()
                || (platform.path("os").asText().equals("linux")
                        && platform.path("architecture").asText().equals(Platform.architecture()));
    }

    /** The parts of an image, named by their digests. */
    public static ImageBlobs.Parts parts(JsonNode manifest) throws IOException {
        if (!manifest.path("config").has("digest") || !manifest.has("layers")) {
            throw new IOException(
                    "not a manifest of an image: '"
                            + manifest.path("mediaType").asText("no mediaType")
                            + "'");
        }
        List<ImageBlobs.Blob> layers = new ArrayList<>();
        for (JsonNode layer : manifest.path("layers")) {
            layers.add(blob(layer));
        }
        return new ImageBlobs.Parts(blob(manifest.path("config")), layers);
    }

    private static ImageBlobs.Blob blob(JsonNode descriptor) throws IOException {
        String digest = descriptor.path("digest").asText();
        if (!digest.matches("sha256:[0-9a-f]{64}")) {
            throw new IOException("digest '" + digest + "' is not one of sha256");
        }
        return new ImageBlobs.Blob(digest, digest);
    }
}
