package dev.coracle.apiserver.storage;

class MemoryLogTest extends StoreConformance {

    private final MemoryLog log = new MemoryLog();

    @Override
    RevisionLog openLog() {
        return log;
    }
}
