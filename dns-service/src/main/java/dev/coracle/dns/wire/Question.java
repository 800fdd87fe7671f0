package dev.coracle.dns.wire;

/** What is asked: a name, a type and a class. */
public record Question(DnsName name, int type, int dnsClass) {

    public static final int IN = 1;
    public static final int CHAOS = 3;
}
