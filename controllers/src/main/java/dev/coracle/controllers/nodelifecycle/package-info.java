/**
 * Notices nodes that no longer renew their Lease, taints them and moves their pods away; moves pods
 * away from any taint of effect {@code NoExecute}.
 *
 * <p>Start at {@link dev.coracle.controllers.nodelifecycle.NodeLifecycleController}; {@link
 * dev.coracle.controllers.nodelifecycle.NodeHealth} decides. Taints that others set are {@link
 * dev.coracle.controllers.nodelifecycle.TaintEvictionController}'s.
 */
@NullMarked
package dev.coracle.controllers.nodelifecycle;

import org.jspecify.annotations.NullMarked;
