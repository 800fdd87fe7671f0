package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.status.ApiException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

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

    /**
     * The same write, after what has to be done just before it; called when nothing else can refuse
     * the object.
     *
     * @return fails with an {@link ApiException} if the object is refused after all
     */
    default <T> Mono<T> before(ApiObject object, @Nullable ApiObject old, Mono<T> write) {
        return write;
    }

    /** Whether it may take long, so that it must not run on an event loop. */
    default boolean isSlow() {
        return false;
    }
}
