package dev.coracle.nodeagent.registry;

import dev.coracle.nodeagent.image.ImageReference;
import dev.coracle.nodeagent.image.StoredImage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where images come from that are not here. Thread-safe. */
public interface ImageSource {

    /** The registry of names that say none, or empty. */
    String registry();

    /**
     * Gets an image, unless what the source has is here already. Fails with an IOException that
     * says why.
     */
    CompletableFuture<StoredImage> pull(ImageReference image, List<RegistryLogin> logins);

    /** Whether it is known where the image would come from. */
    default boolean canPull(ImageReference image) {
        return !image.in(registry()).host().isEmpty();
    }

    /** Has no image. */
    static ImageSource none() {
        return new ImageSource() {
            @Override
            public String registry() {
                return "";
            }

            @Override
            public CompletableFuture<StoredImage> pull(
                    ImageReference image, List<RegistryLogin> logins) {
                return CompletableFuture.failedFuture(
                        new IOException(image.text() + ": not found"));
            }
        };
    }
}
