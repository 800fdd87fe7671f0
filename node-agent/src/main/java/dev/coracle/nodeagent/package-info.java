/**
 * The node-agent: the kubelet's and kube-proxy's roles for one node.
 *
 * <p>{@link dev.coracle.nodeagent.NodeAgent} links the node into the fabric, registers it ({@code
 * node}), waits for its pod range, then runs the pods bound to it: {@code pod} moves each through
 * its life with the help of {@code image}, {@code volume}, {@code podnetwork}, {@code runtime} and
 * {@code probe}; {@code serviceproxy} makes Service addresses lead to endpoints. Everything is
 * driven by informers; {@code timing} is the only way to wait. Start at {@link
 * dev.coracle.nodeagent.NodeAgent}.
 *
 * <p>Rule: an ordinary Kubernetes client; knows nothing of the API server but its API.
 */
@NullMarked
package dev.coracle.nodeagent;

import org.jspecify.annotations.NullMarked;
