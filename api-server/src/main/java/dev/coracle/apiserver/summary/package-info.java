/**
 * What a cluster that has come up says of itself, whoever started it.
 *
 * <p>Start at {@link dev.coracle.apiserver.summary.ClusterSummary}.
 */
@NullMarked
package dev.coracle.apiserver.summary;

import org.jspecify.annotations.NullMarked;
