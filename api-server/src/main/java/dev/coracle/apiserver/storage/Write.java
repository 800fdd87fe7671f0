package dev.coracle.apiserver.storage;

/** A write to be decided by the store's writer against the newest state. */
public sealed interface Write {

    ObjectKey key();

    /**
     * Makes the bytes to be stored, once the revision is known; runs on the writer thread, so it
     * must be quick.
     */
    Encoder encoder();

    /** Turns a revision into the object's bytes. */
    @FunctionalInterface
    interface Encoder {
        byte[] encode(long revision);
    }

    /** Succeeds only if the key is free. */
    record Create(ObjectKey key, Encoder encoder) implements Write {}

    /** Succeeds only if the key's newest revision is {@code expected}. */
    record Update(ObjectKey key, long expected, Encoder encoder) implements Write {}

    /** Ends the object if its newest revision is {@code expected}; the bytes are its last state. */
    record Delete(ObjectKey key, long expected, Encoder encoder) implements Write {}
}
