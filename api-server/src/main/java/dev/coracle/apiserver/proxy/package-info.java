/**
 * The {@code proxy} subresources of pods, Services and nodes: HTTP through the API server.
 *
 * <p>{@link dev.coracle.apiserver.proxy.ProxyRouter} takes the request before the verbs do; {@code
 * ProxyPath} reads what it names, {@code ProxyLocations} finds the address, {@code HttpForward}
 * sends the request from the cluster's network and the answer back, {@code ProxiedLinks} leads what
 * the answer refers to through the proxy again. Start at {@code ProxyRouter}.
 *
 * <p>Rule: what the client proves who it is with goes no further than here.
 */
@NullMarked
package dev.coracle.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
