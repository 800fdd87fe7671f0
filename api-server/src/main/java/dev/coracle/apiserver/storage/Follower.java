package dev.coracle.apiserver.storage;

/**
 * Who is told of every entry of a store, one at a time in the order of their numbers, on the
 * writer's thread. Must be quick.
 */
@FunctionalInterface
public interface Follower {

    /** The next entry. One that is not newer than the compacted revision is state, not history. */
    void accept(Revision entry);

    /**
     * What was before {@code revision} is forgotten: of entries up to it only the newest of each
     * object is kept. At start it comes before the entries.
     */
    default void compacted(long revision) {}

    /**
     * Before {@link #accept}, for an entry that was written by another process, or by this one
     * without learning of it.
     */
    default void foreign(Revision entry) {}
}
