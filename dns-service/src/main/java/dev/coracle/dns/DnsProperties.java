package dev.coracle.dns;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the DNS service must be told.
 *
 * @param address where to listen
 * @param port where to listen, by UDP and TCP; 0 takes a free one
 * @param networkNamespace the named network namespace to listen in; empty is the host's
 * @param register whether to make Service {@code kube-system/kube-dns} and its EndpointSlice
 * @param clusterIp the cluster IP that Service gets
 * @param domain the cluster's domain
 * @param ttlSeconds how long clients may keep an answer of the cluster's zone
 * @param hostAddress the address of {@code host.coracle.internal}; empty: the name does not exist
 * @param resolvConf the file that names the resolvers for everything else; they are asked from the
 *     host's namespace
 */
@ConfigurationProperties("coracle.dns")
public record DnsProperties(
        @DefaultValue("127.0.0.1") String address,
        @DefaultValue("1053") int port,
        @DefaultValue("") String networkNamespace,
        @DefaultValue("false") boolean register,
        @DefaultValue("10.96.0.10") String clusterIp,
        @DefaultValue("cluster.local") String domain,
        @DefaultValue("5") int ttlSeconds,
        @DefaultValue("") String hostAddress,
        @DefaultValue("/etc/resolv.conf") String resolvConf) {

    public DnsProperties {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port must be between 0 and 65535, got " + port);
        }
    }

    /** As the all-in-one cluster runs it: at 10.89.0.3:53 of network namespace {@code fabric}. */
    public static DnsProperties inFabric(String fabric) {
        return new DnsProperties(
                "10.89.0.3",
                53,
                fabric,
                true,
                "10.96.0.10",
                "cluster.local",
                5,
                "10.89.0.2",
                "/etc/resolv.conf");
    }
}
