package dev.coracle.gateway.tls;

import dev.coracle.gateway.route.HostMatcher;

/**
 * A certificate for a host; {@code secret} and {@code origin} name the Secret and the Ingress it
 * comes from.
 */
public record TlsHost(
        HostMatcher host, ServerCertificate certificate, String secret, String origin) {}
