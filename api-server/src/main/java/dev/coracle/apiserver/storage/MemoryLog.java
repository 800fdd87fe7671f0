package dev.coracle.apiserver.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A log that lives as long as the process: for tests and throw-away clusters. */
public final class MemoryLog implements RevisionLog {

    private final List<Revision> entries = new ArrayList<>();

    @Override
    public void replay(Consumer<Revision> entry) {
        List.copyOf(entries).forEach(entry);
    }

    @Override
    public void append(List<Revision> added) {
        entries.addAll(added);
    }

    @Override
    public void close() {}
}
