package dev.coracle.apiserver.registry;

import org.jspecify.annotations.Nullable;

/**
 * How to delete (meta/v1 DeleteOptions).
 *
 * @param gracePeriodSeconds null for the object's own
 * @param uid a precondition, or empty
 * @param resourceVersion a precondition, or empty
 */
public record DeleteOptions(
        @Nullable Long gracePeriodSeconds,
        Propagation propagation,
        String uid,
        String resourceVersion,
        boolean dryRun) {

    /**
     * What becomes of dependents; {@code DEFAULT} leaves it to the object's finalizers, then to its
     * resource: most are deleted in the background.
     */
    public enum Propagation {
        DEFAULT,
        BACKGROUND,
        FOREGROUND,
        ORPHAN
    }
}
