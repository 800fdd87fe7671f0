package dev.coracle.apiserver.storage;

import java.util.List;

/** The durable half of a {@link LogStore}. Used by one thread at a time. */
public interface RevisionLog extends AutoCloseable {

    /** The largest object; what H2 allows a VARBINARY. */
    int MAX_OBJECT_BYTES = 1024 * 1024;

    /**
     * Tells {@code follower} the compacted revision and then every entry in the order of revisions.
     *
     * @throws StoreException if the log cannot be read whole, or is not what was written
     */
    void replay(Follower follower);

    /**
     * The entries after {@code newest}, in their order: what somebody else wrote since.
     *
     * @throws StoreException if the log cannot be read now
     */
    List<Revision> after(long newest);

    /**
     * Begins to write: nobody else writes until the transaction is closed.
     *
     * @param newest the newest revision the caller knows
     * @throws StoreException if the log cannot be written now
     */
    Transaction begin(long newest);

    /**
     * Records that history up to {@code revision} may go. Durable when it returns.
     *
     * @throws StoreException if that could not be recorded
     */
    void compact(long revision);

    /**
     * Removes entries that are not newer than the compacted revision.
     *
     * @throws StoreException if they were not removed; removing them again is harmless
     */
    void remove(List<Long> revisions);

    /** Runs {@code wake}, on any thread, when somebody else may have written. */
    default void onForeignWrite(Runnable wake) {}

    @Override
    void close();

    /** One turn at writing. Closing it without a commit leaves the log as it was. */
    interface Transaction extends AutoCloseable {

        /** Entries after the caller's newest that are in the log already. */
        List<Revision> earlier();

        /**
         * Appends all entries or none; may be called once. They survive the death of this process
         * once this returns.
         *
         * @throws StoreException if they were not written, or if that is not known: then the next
         *     transaction tells
         */
        void commit(List<Revision> entries);

        @Override
        void close();
    }
}
