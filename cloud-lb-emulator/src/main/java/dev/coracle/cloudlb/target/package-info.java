/**
 * Whether targets are fit to get connections.
 *
 * <p>Start at {@link dev.coracle.cloudlb.target.TargetHealth}; {@link
 * dev.coracle.cloudlb.target.HealthChecks} asks them.
 */
@NullMarked
package dev.coracle.cloudlb.target;

import org.jspecify.annotations.NullMarked;
