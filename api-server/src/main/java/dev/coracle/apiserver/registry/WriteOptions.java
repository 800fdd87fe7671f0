package dev.coracle.apiserver.registry;

/**
 * How a write is done.
 *
 * @param dryRun checks everything and stores nothing
 * @param fieldManager who writes, for the object's managed fields
 * @param subresource what the request is to, or empty for the object itself
 * @param validation has the last word on what is to be stored
 */
public record WriteOptions(
        boolean dryRun, String fieldManager, String subresource, Validation validation) {

    /** The API server's own writes. */
    public static final WriteOptions INTERNAL = new WriteOptions(false, "coracle-apiserver", "");

    /** A write that nothing but its strategy validates. */
    public WriteOptions(boolean dryRun, String fieldManager, String subresource) {
        this(dryRun, fieldManager, subresource, Validation.NONE);
    }

    /** The same write, validated. */
    public WriteOptions validatedBy(Validation by) {
        return new WriteOptions(dryRun, fieldManager, subresource, by);
    }
}
