package dev.coracle.controllers;

import java.time.Duration;

/**
 * What the loops must be told.
 *
 * @param podNetwork the IPv4 network pods get their addresses from, as {@code address/length}
 * @param nodePrefixLength the length of each node's part of it
 * @param leaseTimeout how long a node may be silent before it counts as unreachable
 * @param evictionDelay how long pods without a toleration of their own stay on such a node
 * @param certificateAuthority PEM that pods trust the API server by; empty: no {@code
 *     kube-root-ca.crt} is made
 */
public record ControllerProperties(
        String podNetwork,
        int nodePrefixLength,
        Duration leaseTimeout,
        Duration evictionDelay,
        String certificateAuthority) {

    public ControllerProperties {
        if (!leaseTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "leaseTimeout must be positive, got " + leaseTimeout);
        }
        if (evictionDelay.isNegative()) {
            throw new IllegalArgumentException(
                    "evictionDelay must not be negative, got " + evictionDelay);
        }
    }

    /** Kubernetes' usual values and Coracle's address plan. */
    public static ControllerProperties defaults(String certificateAuthority) {
        return new ControllerProperties(
                "10.244.0.0/16",
                24,
                Duration.ofSeconds(40),
                Duration.ofSeconds(300),
                certificateAuthority);
    }
}
