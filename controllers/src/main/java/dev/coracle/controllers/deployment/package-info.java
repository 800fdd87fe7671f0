/**
 * Turns Deployments into ReplicaSets, old and new, within the limits of the strategy.
 *
 * <p>Start at {@link dev.coracle.controllers.deployment.DeploymentController}; {@link
 * dev.coracle.controllers.deployment.Rollout} decides the replica counts and {@link
 * dev.coracle.controllers.deployment.DeploymentConditions} what is said about them.
 */
@NullMarked
package dev.coracle.controllers.deployment;

import org.jspecify.annotations.NullMarked;
