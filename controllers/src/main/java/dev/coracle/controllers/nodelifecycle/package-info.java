/**
 * Notices nodes that no longer renew their Lease, taints them and moves their pods away.
 *
 * <p>Start at {@link dev.coracle.controllers.nodelifecycle.NodeLifecycleController}; {@link
 * dev.coracle.controllers.nodelifecycle.NodeHealth} decides.
 */
@NullMarked
package dev.coracle.controllers.nodelifecycle;

import org.jspecify.annotations.NullMarked;
