package dev.coracle.controllers.informer;

import org.jspecify.annotations.Nullable;

/**
 * Told about each change of a kind's objects, in order; must not block.
 *
 * <p>{@code before} is null for a new object, {@code after} is null for a deleted one; never both.
 */
@FunctionalInterface
public interface ChangeListener<T> {

    void changed(@Nullable T before, @Nullable T after);
}
