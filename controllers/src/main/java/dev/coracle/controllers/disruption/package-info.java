/**
 * How many pods may be taken away, by PodDisruptionBudget; the eviction subresource obeys it.
 *
 * <p>Start at {@link dev.coracle.controllers.disruption.DisruptionController}; {@link
 * dev.coracle.controllers.disruption.Budget} does the sums.
 */
@NullMarked
package dev.coracle.controllers.disruption;

import org.jspecify.annotations.NullMarked;
