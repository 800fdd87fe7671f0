/**
 * The way to the node-agents: logs, exec, attach and port-forward of pods, and what a kubelet shows
 * of its node.
 *
 * <p>{@link dev.coracle.apiserver.kubelet.KubeletRouter} takes the request before the verbs do;
 * {@code PodRequest} checks what it says and turns it into the kubelet's path and query, {@code
 * KubeletClient} asks for a log with the API server's own certificate, and {@link
 * dev.coracle.apiserver.proxy.StreamTunnel} joins what is to become streams with the kubelet, which
 * speaks the protocols. {@link dev.coracle.apiserver.kubelet.ServingSigner} gives kubelets their
 * certificates. Start at {@code KubeletRouter}.
 *
 * <p>Rule: the kubelet trusts the API server; so whatever a client may not do ends here.
 */
@NullMarked
package dev.coracle.apiserver.kubelet;

import org.jspecify.annotations.NullMarked;
