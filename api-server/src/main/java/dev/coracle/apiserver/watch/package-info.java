/**
 * The in-memory, revisioned view of the log that every read is served from, and the events watchers
 * get.
 *
 * <p>Start at {@link dev.coracle.apiserver.watch.WatchCache}, the store's follower.
 */
@NullMarked
package dev.coracle.apiserver.watch;

import org.jspecify.annotations.NullMarked;
