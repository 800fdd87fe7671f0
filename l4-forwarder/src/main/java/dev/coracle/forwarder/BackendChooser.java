package dev.coracle.forwarder;

import java.net.InetSocketAddress;
import java.util.List;

/** Chooses the backends of one new connection. Called on event loops: must not block. */
@FunctionalInterface
public interface BackendChooser {

    /**
     * The backends to try for a connection from {@code client}, best first. Empty means that the
     * connection is refused (TCP: reset; UDP: the datagram is dropped).
     */
    List<InetSocketAddress> candidates(InetSocketAddress client);
}
