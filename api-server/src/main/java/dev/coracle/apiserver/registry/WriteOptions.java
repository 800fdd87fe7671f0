package dev.coracle.apiserver.registry;

/**
 * How to write.
 *
 * @param dryRun do everything but store
 * @param fieldManager who writes, for {@code metadata.managedFields}
 * @param subresource what the request is to, or empty for the object itself
 */
public record WriteOptions(boolean dryRun, String fieldManager, String subresource) {

    /** The API server's own writes. */
    public static final WriteOptions INTERNAL = new WriteOptions(false, "coracle-apiserver", "");
}
