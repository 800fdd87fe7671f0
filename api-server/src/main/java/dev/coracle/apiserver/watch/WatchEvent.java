package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.selector.Selection;
import org.jspecify.annotations.Nullable;

/** A change of one object. */
public sealed interface WatchEvent {

    /** The object after the change; for a deletion its last state, with the deletion's revision. */
    CachedObject object();

    record Added(CachedObject object) implements WatchEvent {}

    record Modified(CachedObject previous, CachedObject object) implements WatchEvent {}

    record Deleted(CachedObject previous, CachedObject object) implements WatchEvent {}

    /**
     * The object as a watcher is told of it who sees the change as {@code type}: one that leaves
     * his selection is shown as it last was there, with the revision of its leaving.
     */
    default CachedObject objectAs(Type type) {
        return this instanceof Modified(CachedObject previous, CachedObject after)
                        && type == Type.DELETED
                ? previous.at(after.revision())
                : object();
    }

    default long revision() {
        return object().revision();
    }

    /**
     * What this change is to a watcher of {@code selection}: an object that begins to match is
     * ADDED, one that stops matching is DELETED. Null when it is no matter of his.
     */
    default @Nullable Type typeFor(Selection selection) {
        boolean after = object().isIn(selection);
        return switch (this) {
            case Added _ -> after ? Type.ADDED : null;
            case Modified modified -> {
                boolean before = modified.previous().isIn(selection);
                if (after) {
                    yield before ? Type.MODIFIED : Type.ADDED;
                }
                yield before ? Type.DELETED : null;
            }
            case Deleted deleted -> deleted.previous().isIn(selection) ? Type.DELETED : null;
        };
    }

    /** The event types of the watch protocol that carry an object's change. */
    enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }
}
