/**
 * Removes pods that nobody else removes.
 *
 * <p>Start at {@link dev.coracle.controllers.podgarbage.PodGarbageController}; what has to go is in
 * {@link dev.coracle.controllers.podgarbage.PodGarbage}.
 */
@NullMarked
package dev.coracle.controllers.podgarbage;

import org.jspecify.annotations.NullMarked;
