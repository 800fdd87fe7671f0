package dev.coracle.gateway.route;

/** One rule; {@code origin} names the Ingress it comes from. */
public record Route(HostMatcher host, PathMatcher path, Backend backend, String origin) {}
