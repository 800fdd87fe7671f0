package dev.coracle.forwarder;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Predicate;

/** An open listener and the connections that came through it. Thread-safe. */
public interface ForwardedPort extends AutoCloseable {

    /** Where it listens; the real port if 0 was asked for. */
    InetSocketAddress address();

    /** Connections relayed now, by backend; UDP sessions count as connections. */
    Map<InetSocketAddress, Integer> activeConnections();

    /** Connections relayed to a backend since the start, ended ones included. */
    long forwarded();

    /** Connections (UDP: datagrams) refused since the start because no backend took them. */
    long refused();

    /** Ends the relayed connections to the backends that match, TCP with a reset. */
    void dropConnections(Predicate<InetSocketAddress> backend);

    /** Stops accepting and leaves the relayed TCP connections to end by themselves. */
    void stopAccepting();

    /** Stops accepting and ends every relayed connection. Idempotent. */
    @Override
    void close();
}
