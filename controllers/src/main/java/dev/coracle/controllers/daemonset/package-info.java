/**
 * One pod of a template on each node that takes it.
 *
 * <p>Start at {@link dev.coracle.controllers.daemonset.DaemonSetController}; {@link
 * dev.coracle.controllers.daemonset.NodePlan} decides for all nodes what is to be made and removed,
 * without doing it.
 */
@NullMarked
package dev.coracle.controllers.daemonset;

import org.jspecify.annotations.NullMarked;
