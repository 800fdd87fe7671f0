package dev.coracle.dns.cluster;

/**
 * What the zone is called and says of itself.
 *
 * @param domain the cluster's domain
 * @param ttlSeconds how long clients may keep an answer
 * @param serverAddress the address of this DNS server; empty if it has no name
 * @param hostName the name by which pods reach the machine the cluster runs on
 * @param hostAddress its address; empty if it has no name
 */
public record ZoneProperties(
        String domain, int ttlSeconds, String serverAddress, String hostName, String hostAddress) {

    public ZoneProperties {
        if (ttlSeconds < 0) {
            throw new IllegalArgumentException(
                    "ttlSeconds must not be negative, got " + ttlSeconds);
        }
    }
}
