package dev.coracle.dns.cluster;

import dev.coracle.dns.wire.DnsName;

/**
 * What the zone is called and says of itself.
 *
 * @param domain the cluster's domain
 * @param ttlSeconds how long clients may keep an answer
 * @param serverAddress the address of this DNS server; empty if it has no name
 * @param hostName the name by which pods reach the machine the cluster runs on
 * @param hostAddress its address; empty if it has no name
 * @param pods what {@code 10-244-0-7.<namespace>.pod} is
 */
public record ZoneProperties(
        String domain,
        int ttlSeconds,
        String serverAddress,
        String hostName,
        String hostAddress,
        PodRecords pods) {

    public ZoneProperties {
        if (ttlSeconds < 0) {
            throw new IllegalArgumentException(
                    "ttlSeconds must not be negative, got " + ttlSeconds);
        }
    }

    /** Which names of pods exist, as CoreDNS' {@code pods} option. */
    public enum PodRecords {
        /** None. */
        DISABLED,
        /** Every one that is an address: it is its own answer. */
        INSECURE,
        /** Those of pods there are, in their namespace. */
        VERIFIED
    }

    DnsName zone() {
        return DnsName.of(domain);
    }

    DnsName podZone() {
        return DnsName.of("pod").in(zone());
    }
}
