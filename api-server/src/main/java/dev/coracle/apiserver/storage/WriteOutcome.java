package dev.coracle.apiserver.storage;

/** What became of a {@link Write}. */
public sealed interface WriteOutcome {

    /** Durable, and visible to readers and watchers. */
    record Written(Revision revision) implements WriteOutcome {}

    /** A create found the key taken. */
    record AlreadyExists() implements WriteOutcome {}

    /** An update or delete found another revision. */
    record Conflict(long newest) implements WriteOutcome {}

    /** An update or delete found nothing. */
    record NotFound() implements WriteOutcome {}

    /** The object has more than {@link RevisionLog#MAX_OBJECT_BYTES}. */
    record TooLarge(int bytes) implements WriteOutcome {}
}
