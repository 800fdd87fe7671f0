/**
 * Pods: from a Pod object to running containers and back to its status.
 *
 * <p>{@link dev.coracle.nodeagent.pod.Pods} has one {@code PodWorker} per pod; a worker takes
 * signals (the object changed, a container ended, a probe judged, a timer is due) one at a time
 * from its queue, moves its {@code PodState} and its {@code ContainerLife}s, and writes the status
 * that {@code PodStatusView} computes. Start at {@link dev.coracle.nodeagent.pod.Pods}.
 *
 * <p>Rule: a worker's thread is the only one to touch its state; what is not supported is refused
 * by name before anything starts.
 */
@NullMarked
package dev.coracle.nodeagent.pod;

import org.jspecify.annotations.NullMarked;
