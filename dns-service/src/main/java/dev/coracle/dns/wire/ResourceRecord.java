package dev.coracle.dns.wire;

/** One record; {@code ttl} in seconds. */
public record ResourceRecord(DnsName name, int dnsClass, long ttl, Rdata data) {

    public static ResourceRecord in(DnsName name, long ttl, Rdata data) {
        return new ResourceRecord(name, Question.IN, ttl, data);
    }

    public ResourceRecord withTtl(long seconds) {
        return new ResourceRecord(name, dnsClass, seconds, data);
    }
}
