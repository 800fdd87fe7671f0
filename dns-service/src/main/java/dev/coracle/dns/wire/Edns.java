package dev.coracle.dns.wire;

/**
 * What an OPT record says (RFC 6891); {@code udpPayload} is the largest datagram its sender takes.
 */
public record Edns(int udpPayload, int version, boolean dnssecOk) {}
