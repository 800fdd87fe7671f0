/**
 * The Node object: registration, Lease, conditions, and events.
 *
 * <p>{@link dev.coracle.nodeagent.node.NodeRegistration} creates the Node, renews its Lease every
 * ten seconds and writes its status, which {@code NodeStatusView} computes from {@code Machine}.
 * Start at {@link dev.coracle.nodeagent.node.NodeRegistration}.
 *
 * <p>Rule: facts about the machine are read once; nothing here knows pods.
 */
@NullMarked
package dev.coracle.nodeagent.node;

import org.jspecify.annotations.NullMarked;
