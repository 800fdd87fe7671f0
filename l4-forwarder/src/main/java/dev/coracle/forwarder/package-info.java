/**
 * A TCP and UDP forwarding engine: bytes that arrive at an address go to a backend chosen per
 * connection, across network namespaces.
 *
 * <p>A {@link dev.coracle.forwarder.Forwarder} owns the event loops. {@code listenTcp} and {@code
 * listenUdp} open a {@link dev.coracle.forwarder.ForwardedPort} in one namespace; for each new
 * connection (UDP: each new client address) it asks its {@link
 * dev.coracle.forwarder.BackendChooser} for candidates and dials them in order from another
 * namespace; then bytes are relayed both ways with backpressure. Start at {@link
 * dev.coracle.forwarder.Forwarder}.
 *
 * <p>Rule: the engine knows addresses only: no Services, no health, no names.
 */
@NullMarked
package dev.coracle.forwarder;

import org.jspecify.annotations.NullMarked;
