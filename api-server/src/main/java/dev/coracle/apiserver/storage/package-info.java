/**
 * The append-only log of revisions: what makes a write durable and gives it its place in one total
 * order.
 *
 * <p>Flow: {@link dev.coracle.apiserver.storage.Write} -> queue -> one writer thread
 * (compare-and-set, revision, one transaction for the batch) -> follower -> {@link
 * dev.coracle.apiserver.storage.WriteOutcome}. Start at {@link
 * dev.coracle.apiserver.storage.Store}. Rule: knows neither HTTP nor kinds.
 */
@NullMarked
package dev.coracle.apiserver.storage;

import org.jspecify.annotations.NullMarked;
