package dev.coracle.apiserver.registry;

/**
 * What a strategy has allocated for a write that is not stored yet. Exactly one of {@link #commit}
 * and {@link #rollback} is called, once.
 */
public interface Reservation {

    /**
     * Whether nobody else has stored the same meanwhile; asked when the write is decided, on the
     * store's writer thread.
     */
    default boolean holds() {
        return true;
    }

    /** The write is stored: keep what was allocated, release what it replaced. */
    void commit();

    /** The write was refused: give back what was allocated. */
    void rollback();

    /** Nothing was allocated. */
    Reservation NONE =
            new Reservation() {
                @Override
                public void commit() {}

                @Override
                public void rollback() {}
            };
}
