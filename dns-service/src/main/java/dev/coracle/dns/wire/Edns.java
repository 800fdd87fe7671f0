package dev.coracle.dns.wire;

/**
 * What an OPT record says (RFC 6891); {@code udpPayload} is the largest datagram its sender takes,
 * {@code extendedCode} the upper eight bits of the response code.
 */
public record Edns(int udpPayload, int version, boolean dnssecOk, int extendedCode) {

    /** The largest datagram that is sent or taken here: no path cuts it (DNS flag day 2020). */
    public static final int UDP_PAYLOAD = 1232;

    /** As a query or a plain response has it: nothing in the upper bits of the response code. */
    public Edns(int udpPayload, int version, boolean dnssecOk) {
        this(udpPayload, version, dnssecOk, 0);
    }
}
