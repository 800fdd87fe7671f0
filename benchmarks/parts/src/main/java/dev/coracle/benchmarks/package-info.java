/**
 * What the parts of the API server cost, each alone: no network, no authentication.
 *
 * <p>{@code WritePath} is a write from the decoded object to the acknowledgement, {@code LogAppend}
 * the durable log under it, {@code Reads} the cache that answers and tells watchers, {@code Parts}
 * the steps of a write. Start: {@code benchmarks/api-parts}.
 */
@NullMarked
package dev.coracle.benchmarks;

import org.jspecify.annotations.NullMarked;
