package dev.coracle.apiserver;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings below {@code coracle.apiserver}.
 *
 * @param dataDirectory holds the database, the certificates and the administrator's kubeconfig
 * @param database an R2DBC URL; empty for an H2 file in the data directory
 * @param maxHistory revisions that watches can resume from, at most; older than ten minutes they go
 *     anyway
 * @param serviceCidr the range of cluster IPs; its first address is the Service {@code kubernetes}
 * @param advertiseAddress where pods reach the API server, the endpoint of the Service {@code
 *     kubernetes}; empty for nowhere
 * @param advertiseNamespace the network namespace in which to listen on that address as well; empty
 *     for the host's, where {@code server.address} decides
 * @param serverNames further DNS names and IPv4 addresses in the server's certificate
 * @param publicUrl the address written into kubeconfigs; empty for https at {@code server.address}
 *     and {@code server.port}
 * @param controllers whether to run the control loops in this process
 * @param podCidr the range that nodes get their pod ranges from
 * @param eventTtl how long events are kept after their last write
 * @param podsOnLoopback whether endpoints may have loopback addresses, as in the fabric of that
 *     name
 * @param identities whose kubeconfigs to write beside the administrator's
 */
@ConfigurationProperties("coracle.apiserver")
public record ApiServerProperties(
        @DefaultValue(".coracle") Path dataDirectory,
        @DefaultValue("") String database,
        @DefaultValue("100000") int maxHistory,
        @DefaultValue("10.96.0.0/16") String serviceCidr,
        @DefaultValue("") String advertiseAddress,
        @DefaultValue("") String advertiseNamespace,
        @DefaultValue List<String> serverNames,
        @DefaultValue("") String publicUrl,
        @DefaultValue("true") boolean controllers,
        @DefaultValue("10.244.0.0/16") String podCidr,
        @DefaultValue("1h") Duration eventTtl,
        @DefaultValue("false") boolean podsOnLoopback,
        @DefaultValue Identities identities) {

    /**
     * Kubeconfigs for the cluster's other parts, each with its own user.
     *
     * @param directory of them; empty for {@code identities} in the data directory
     * @param url of the server in them; empty for the one in the administrator's
     * @param names folders below the directory; the last element says whose it is: {@code node-1}
     *     is user {@code system:node:node-1} of group {@code system:nodes}, {@code dns-service}
     *     user {@code system:coracle:dns-service}
     */
    public record Identities(
            @DefaultValue("") String directory,
            @DefaultValue("") String url,
            @DefaultValue List<String> names) {}
}
