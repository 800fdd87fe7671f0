/**
 * Pod addresses and links.
 *
 * <p>{@link dev.coracle.nodeagent.podnetwork.PodNetwork} gives a pod a network namespace with one
 * address of the node's range (a /32, its gateway 169.254.1.1 on the node's end of the link) and
 * keeps the node's routes to the pods of other nodes. Start at {@link
 * dev.coracle.nodeagent.podnetwork.PodNetwork}.
 *
 * <p>Rule: links and routes only; which pod, and when, is the pod worker's.
 */
@NullMarked
package dev.coracle.nodeagent.podnetwork;

import org.jspecify.annotations.NullMarked;
