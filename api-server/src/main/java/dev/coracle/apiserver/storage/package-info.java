/**
 * What is never lost: an append-only log of revisions, and the store that decides writes against
 * it.
 *
 * <p>A write queues up; the writer takes all that wait, takes its turn at the log, learns what
 * others wrote meanwhile, decides each write against the newest state, appends the accepted ones in
 * one durable transaction, tells the follower, and answers. History that compaction frees is
 * removed between the writes.
 *
 * <p>Start at {@link dev.coracle.apiserver.storage.LogStore}; the log in a database is {@link
 * dev.coracle.apiserver.storage.R2dbcLog}. What is acknowledged is durable, and what cannot be read
 * whole is not started on.
 */
@NullMarked
package dev.coracle.apiserver.storage;

import org.jspecify.annotations.NullMarked;
