/**
 * Nodes whose containers run nothing, many in one process, to measure the control plane with.
 *
 * <p>Flow: {@code HollowNodesMain} -> {@code HollowNode} for each -> the same pod workers, status
 * reports, events and leases as a {@link dev.coracle.nodeagent.NodeAgent} has, on {@code
 * HollowRuntime} and {@code HollowLinks}. Rule: nothing of the product comes here; it is started by
 * naming its main class only.
 */
@NullMarked
package dev.coracle.nodeagent.hollow;

import org.jspecify.annotations.NullMarked;
