package dev.coracle.apiserver.watch;

/** What a watcher is sent. */
public sealed interface WatchFrame {

    /** A change of an object, as this watcher sees it. */
    record Change(WatchEvent.Type type, CachedObject object) implements WatchFrame {}

    /**
     * Nothing changed up to {@code revision}; {@code initialEventsEnd} marks the end of the initial
     * state.
     */
    record Bookmark(long revision, boolean initialEventsEnd) implements WatchFrame {}

    /** The watcher fell behind and was cut: it must list again. */
    record TooSlow() implements WatchFrame {}
}
