package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Where the parts of an image come from. */
public interface ImageBlobs {

    /** Reads a part. */
    InputStream open(Blob blob) throws IOException;

    /**
     * A part of an image.
     *
     * @param name where it is
     * @param digest {@code sha256:...}; empty if nobody says
     */
    record Blob(String name, String digest) {}

    /**
     * An image's parts.
     *
     * @param layers the lowest first
     */
    record Parts(Blob config, List<Blob> layers) {
        public Parts {
            layers = List.copyOf(layers);
        }
    }
}
