package dev.coracle.cluster;

import java.nio.file.Path;

/**
 * What {@code coracle up} is asked for.
 *
 * @param nodes how many, 1 to 100
 * @param data the directory of all state
 * @param apiPort the API server's port on 127.0.0.1
 * @param cloudPort the load balancer provider's port on 127.0.0.1
 * @param database an R2DBC URL; empty for a file in {@code data}
 * @param proxy {@code auto}, {@code nftables} or {@code userspace}
 */
public record ClusterOptions(
        int nodes, Path data, int apiPort, int cloudPort, String database, String proxy) {

    public ClusterOptions {
        if (nodes < 1 || nodes > 100) {
            throw new IllegalArgumentException("--nodes must be 1 to 100, not " + nodes);
        }
        data = data.toAbsolutePath().normalize();
    }
}
