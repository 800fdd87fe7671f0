package dev.coracle.cluster;

import dev.coracle.cluster.fabric.FabricChoice;
import java.nio.file.Path;

/**
 * What {@code coracle up} is asked for.
 *
 * @param nodes how many, 1 to 100
 * @param data the directory of all state
 * @param apiPort the API server's port on 127.0.0.1
 * @param cloudPort the load balancer provider's port on 127.0.0.1
 * @param dns how cluster DNS runs
 * @param database an R2DBC URL; empty for a file in {@code data}
 * @param proxy {@code auto}, {@code nftables} or {@code userspace}
 * @param registries where images come from
 * @param fabric what carries the traffic
 */
public record ClusterOptions(
        int nodes,
        Path data,
        int apiPort,
        int cloudPort,
        Dns dns,
        String database,
        String proxy,
        Registries registries,
        FabricChoice fabric) {

    /**
     * Where images come from.
     *
     * @param standard host of names that say none; empty if those are not pulled
     * @param authorities a file of certificates that registries may have theirs from; empty for
     *     those that Java trusts only
     */
    public record Registries(String standard, String authorities) {

        public static final Registries USUAL = new Registries("", "");
    }

    /**
     * Cluster DNS beyond the cluster.
     *
     * @param port on 127.0.0.1, for the host's own programs; 0 is none
     * @param rules a file of rewrites, hosts and stub zones; empty is none
     */
    public record Dns(int port, String rules) {}

    /** Where a cluster with this state has the images that were loaded or pulled. */
    public static Path images(Path data) {
        return data.resolve("images");
    }

    public ClusterOptions {
        if (nodes < 1 || nodes > 100) {
            throw new IllegalArgumentException("--nodes must be 1 to 100, not " + nodes);
        }
        data = data.toAbsolutePath().normalize();
    }
}
