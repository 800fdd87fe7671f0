package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.status.ApiException;
import org.jspecify.annotations.Nullable;

/** Looks at an object that its strategy accepts, before it is stored. */
public interface Validation {

    /** Accepts everything. */
    Validation NONE = (_, _) -> {};

    /**
     * Accepts the object or refuses it with an {@link ApiException}; called again when another
     * write came first.
     *
     * @param old what it replaces; null for a new object
     */
    void check(ApiObject object, @Nullable ApiObject old);

    /** Whether it may take long, so that it must not run on an event loop. */
    default boolean isSlow() {
        return false;
    }
}
