package dev.coracle.apiserver.storage;

import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** A log that lives as long as the process: for tests and throw-away clusters. */
public final class MemoryLog implements RevisionLog {

    private final NavigableMap<Long, Revision> entries = new TreeMap<>();
    private long compacted;

    @Override
    public void replay(Follower follower) {
        follower.compacted(compacted);
        List.copyOf(entries.values()).forEach(follower::accept);
    }

    @Override
    public List<Revision> after(long newest) {
        return List.copyOf(entries.tailMap(newest, false).values());
    }

    @Override
    public Transaction begin(long newest) {
        return new Transaction() {
            @Override
            public List<Revision> earlier() {
                return after(newest);
            }

            @Override
            public void commit(List<Revision> added) {
                added.forEach(entry -> entries.put(entry.number(), entry));
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void compact(long revision) {
        compacted = revision;
    }

    @Override
    public void remove(List<Long> revisions) {
        entries.keySet().removeAll(Set.copyOf(revisions));
    }

    @Override
    public void close() {}
}
