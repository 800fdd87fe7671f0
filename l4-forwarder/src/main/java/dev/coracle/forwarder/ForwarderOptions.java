package dev.coracle.forwarder;

import java.time.Duration;

/**
 * How a {@link Forwarder} behaves, for all its ports.
 *
 * @param threads event loops, at least 1
 * @param connectTimeout how long one backend may take to accept before the next is tried
 * @param udpIdleTimeout a UDP session without a datagram either way for this long is forgotten
 * @param maximumAttempts how many backends one TCP connection tries at most
 * @param sharesPorts whether several listeners may have one address and port; the kernel gives each
 *     client to one of them
 */
public record ForwarderOptions(
        int threads,
        Duration connectTimeout,
        Duration udpIdleTimeout,
        int maximumAttempts,
        boolean sharesPorts) {

    public ForwarderOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        if (maximumAttempts < 1) {
            throw new IllegalArgumentException(
                    "maximumAttempts must be at least 1, not " + maximumAttempts);
        }
        if (!connectTimeout.isPositive() || !udpIdleTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive, not " + connectTimeout + " and " + udpIdleTimeout);
        }
    }

    /** One thread, 2 s to connect, 30 s of UDP silence, 3 attempts. */
    public static ForwarderOptions defaults() {
        return new ForwarderOptions(1, Duration.ofSeconds(2), Duration.ofSeconds(30), 3, false);
    }

    public ForwarderOptions withUdpIdleTimeout(Duration timeout) {
        return new ForwarderOptions(threads, connectTimeout, timeout, maximumAttempts, sharesPorts);
    }

    public ForwarderOptions withSharedPorts() {
        return new ForwarderOptions(threads, connectTimeout, udpIdleTimeout, maximumAttempts, true);
    }

    public ForwarderOptions withConnectTimeout(Duration timeout) {
        return new ForwarderOptions(threads, timeout, udpIdleTimeout, maximumAttempts, sharesPorts);
    }
}
