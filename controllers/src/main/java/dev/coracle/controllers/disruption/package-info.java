/**
 * How many pods may be taken away, by PodDisruptionBudget; the eviction subresource obeys it.
 *
 * <p>Start at {@link dev.coracle.controllers.disruption.DisruptionController}; {@link
 * dev.coracle.controllers.disruption.Budget} does the sums. {@link
 * dev.coracle.controllers.disruption.StaleDisruptionController} takes back what was said of pods
 * that stayed.
 */
@NullMarked
package dev.coracle.controllers.disruption;

import org.jspecify.annotations.NullMarked;
