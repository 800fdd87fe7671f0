/**
 * Chooses a node for each pod that has none.
 *
 * <p>A pod without node comes off the queue, {@link dev.coracle.controllers.scheduling.Scheduling}
 * filters and scores the nodes, the pod is bound or the reasons are written down. Start at {@link
 * dev.coracle.controllers.scheduling.Scheduler}.
 */
@NullMarked
package dev.coracle.controllers.scheduling;

import org.jspecify.annotations.NullMarked;
