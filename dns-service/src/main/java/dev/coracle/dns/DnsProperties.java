package dev.coracle.dns;

import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the DNS service must be told.
 *
 * @param address where to listen
 * @param port where to listen, by UDP and TCP; 0 takes a free one
 * @param networkNamespace the named network namespace to listen in; empty is the host's
 * @param hostPort a port of the host's 127.0.0.1 to listen on too; -1 is none, 0 takes a free one
 * @param httpPort where {@code /health}, {@code /ready}, {@code /metrics} and {@code /explain} are,
 *     on the same address; -1 is nowhere, 0 takes a free one
 * @param register whether to make Service {@code kube-system/kube-dns} and an EndpointSlice
 * @param clusterIp the cluster IP that Service gets
 * @param domain the cluster's domain
 * @param ttlSeconds how long clients may keep an answer of the cluster's zone
 * @param pods which names of pods exist: disabled, insecure or verified
 * @param hostAddress the address of {@code host.coracle.internal}; empty: the name does not exist
 * @param resolvConf the file that names the resolvers for everything else; they are asked from the
 *     host's namespace
 * @param resolvers addresses, with or without port; if there are any, the file is not read
 * @param rules a file of rewrites, hosts and stub zones, read again when it changes; empty is none
 * @param responsesPerSecond by UDP to one network; 0 is no limit
 * @param threads that answer; 0 is one per processor, four at most
 */
@ConfigurationProperties("coracle.dns")
public record DnsProperties(
        @DefaultValue("127.0.0.1") String address,
        @DefaultValue("1053") int port,
        @DefaultValue("") String networkNamespace,
        @DefaultValue("-1") int hostPort,
        @DefaultValue("9153") int httpPort,
        @DefaultValue("false") boolean register,
        @DefaultValue("10.96.0.10") String clusterIp,
        @DefaultValue("cluster.local") String domain,
        @DefaultValue("5") int ttlSeconds,
        @DefaultValue("insecure") PodRecords pods,
        @DefaultValue("") String hostAddress,
        @DefaultValue("/etc/resolv.conf") String resolvConf,
        @DefaultValue List<String> resolvers,
        @DefaultValue("") String rules,
        @DefaultValue("0") int responsesPerSecond,
        @DefaultValue("0") int threads) {

    private static final int MOST_THREADS = 4;

    public DnsProperties {
        check("port", port, 0, 65535);
        check("hostPort", hostPort, -1, 65535);
        check("httpPort", httpPort, -1, 65535);
        check("ttlSeconds", ttlSeconds, 0, 3600);
        check("responsesPerSecond", responsesPerSecond, 0, 1_000_000);
        check("threads", threads, 0, 256);
        resolvers = List.copyOf(resolvers);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "coracle.dns.%s must be between %d and %d, got %d"
                            .formatted(name, least, most, value));
        }
    }

    /** How many threads answer. */
    int workers() {
        return threads == 0
                ? Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors())
                : threads;
    }

    /**
     * As the all-in-one cluster runs it: at 10.89.0.3:53 of network namespace {@code fabric}, and
     * on the host's {@code hostPort} unless it is 0.
     */
    public static DnsProperties inFabric(String fabric, int hostPort, String rules) {
        return at("10.89.0.3", 53, fabric, "10.96.0.10", "10.89.0.2", hostPort, rules);
    }

    /** The same at an address and port of the network of this process. */
    public static DnsProperties onHost(
            String address, int port, String clusterIp, int hostPort, String rules) {
        return at(address, port, "", clusterIp, "127.0.0.1", hostPort, rules);
    }

    private static DnsProperties at(
            String address,
            int port,
            String fabric,
            String clusterIp,
            String hostAddress,
            int hostPort,
            String rules) {
        return new DnsProperties(
                address,
                port,
                fabric,
                hostPort == 0 ? -1 : hostPort,
                9153,
                true,
                clusterIp,
                "cluster.local",
                5,
                PodRecords.INSECURE,
                hostAddress,
                "/etc/resolv.conf",
                List.of(),
                rules,
                0,
                1);
    }
}
