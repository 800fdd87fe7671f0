package dev.coracle.nodeagent.image;

import java.util.List;

/**
 * An image that was loaded or pulled.
 *
 * @param id {@code sha256:} and the digest of its config
 * @param names references with tags
 * @param digests references with the digest of a manifest
 * @param sizeBytes of its files
 * @param since when it came, RFC 3339
 * @param pulled whether it came from a registry
 */
public record StoredImage(
        String id,
        List<String> names,
        List<String> digests,
        long sizeBytes,
        String since,
        boolean pulled,
        ImageConfig config) {

    public StoredImage {
        names = List.copyOf(names);
        digests = List.copyOf(digests);
    }

    /** What {@code status.imageID} says. */
    public String reference() {
        return digests.isEmpty() ? id : digests.getFirst();
    }

    StoredImage named(List<String> newNames, List<String> newDigests) {
        return new StoredImage(id, newNames, newDigests, sizeBytes, since, pulled, config);
    }

    boolean isCalled(ImageReference wanted) {
        for (String digest : digests) {
            ImageReference mine = ImageReference.parse(digest);
            if (!wanted.digest().isEmpty()
                    && mine.digest().equals(wanted.digest())
                    && mine.isSameRepository(wanted)) {
                return true;
            }
        }
        if (!wanted.digest().isEmpty()) {
            return false;
        }
        for (String name : names) {
            ImageReference mine = ImageReference.parse(name);
            if (mine.tag().equals(wanted.tag()) && mine.isSameRepository(wanted)) {
                return true;
            }
        }
        return false;
    }
}
