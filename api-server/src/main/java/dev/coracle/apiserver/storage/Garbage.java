package dev.coracle.apiserver.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of the log that compaction may remove: superseded ones and deletions. Confined to the
 * store's writer.
 */
final class Garbage {

    /** The entry {@code revision} is of no use once history up to {@code since} may go. */
    private record Dead(long since, long revision) {}

    private final ArrayDeque<Dead> dead = new ArrayDeque<>();

    /** The object of {@code revision} was changed or deleted at {@code since}. */
    void superseded(long revision, long since) {
        dead.addLast(new Dead(since, revision));
    }

    /** The entry at {@code since} is a deletion: nothing is left of its object. */
    void deletion(long since) {
        dead.addLast(new Dead(since, since));
    }

    /** At most {@code limit} entries that compaction up to {@code compacted} frees. */
    List<Long> upTo(long compacted, int limit) {
        List<Long> found = new ArrayList<>();
        for (Dead entry : dead) {
            if (entry.since() > compacted || found.size() == limit) {
                break;
            }
            found.add(entry.revision());
        }
        return found;
    }

    /** Forgets the first {@code count}: they are removed. */
    void drop(int count) {
        for (int i = 0; i < count; i++) {
            dead.removeFirst();
        }
    }
}
