/**
 * Replicas by what pods use.
 *
 * <p>Start at {@link dev.coracle.controllers.podautoscaler.HorizontalPodAutoscalerController}: it
 * reads a target's scale, its pods and their use ({@link
 * dev.coracle.controllers.podautoscaler.PodUse}); {@link
 * dev.coracle.controllers.podautoscaler.ReplicaProposal} says how many replicas one metric asks
 * for, {@link dev.coracle.controllers.podautoscaler.ScalingRules} how far and how fast it may go.
 * Both are without clock and client.
 */
@NullMarked
package dev.coracle.controllers.podautoscaler;

import org.jspecify.annotations.NullMarked;
