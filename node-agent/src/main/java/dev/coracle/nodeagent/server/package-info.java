/**
 * The kubelet API: what the API server asks a node for on its own port, 10250.
 *
 * <p>{@link dev.coracle.nodeagent.server.KubeletServer} listens with TLS and lets in who has a
 * certificate of the cluster's administrators; {@code KubeletHandler} reads the path and answers a
 * page, a container's log, or a connection that becomes streams. {@code SpdyConnection} and {@code
 * WebSocketChannels} turn those into the same {@code RemoteStreams}, which {@code RemoteCommand}
 * joins with a command or a container, and {@code PortForward} with a port of the pod. Start at
 * {@link dev.coracle.nodeagent.server.KubeletServer}.
 *
 * <p>Rule: event loops only move frames; whatever waits has a thread of its own.
 */
@NullMarked
package dev.coracle.nodeagent.server;

import org.jspecify.annotations.NullMarked;
