package dev.coracle.apiserver.storage;

import java.util.List;
import java.util.function.Consumer;

/** The durable half of a {@link LogStore}. Used by one thread at a time. */
public interface RevisionLog extends AutoCloseable {

    /** The largest object; what H2 allows a VARBINARY. */
    int MAX_OBJECT_BYTES = 1024 * 1024;

    /** Hands over every entry in the order of revisions. */
    void replay(Consumer<Revision> entry);

    /**
     * Appends all entries or none. They survive the death of this process once this returns.
     *
     * @throws StoreException if they were not written
     */
    void append(List<Revision> entries);

    @Override
    void close();
}
