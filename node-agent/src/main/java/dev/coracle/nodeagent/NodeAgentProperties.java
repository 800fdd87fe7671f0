package dev.coracle.nodeagent;

import dev.coracle.fabric.FabricProperties;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code coracle.node.*} properties of one node.
 *
 * @param name of the Node object, a DNS label
 * @param address of the node, in the fabric's node range
 * @param stateDirectory pods' files and logs, {@code <name>} below it
 * @param imagesDirectory {@code images.d}
 * @param proxyMode how Services are carried
 * @param crashLoopFirst wait before the second restart in a row
 * @param crashLoopLongest longest wait between restarts
 * @param podPidsLimit how many processes a pod may have, 0 for no limit
 * @param fabric {@code coracle.fabric.*}
 */
public record NodeAgentProperties(
        String name,
        String address,
        Path stateDirectory,
        Path imagesDirectory,
        ProxyMode proxyMode,
        Duration crashLoopFirst,
        Duration crashLoopLongest,
        Long podPidsLimit,
        FabricProperties fabric) {

    private static final long MOST_PIDS = 4096;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");

    // the binder passes null for what is not set
    public NodeAgentProperties(
            @Nullable String name,
            @Nullable String address,
            @Nullable Path stateDirectory,
            @Nullable Path imagesDirectory,
            @Nullable ProxyMode proxyMode,
            @Nullable Duration crashLoopFirst,
            @Nullable Duration crashLoopLongest,
            @Nullable Long podPidsLimit,
            @Nullable FabricProperties fabric) {
        this.fabric = Objects.requireNonNullElseGet(fabric, FabricProperties::defaults);
        this.name = Objects.requireNonNullElse(name, "node-1");
        this.address =
                Objects.requireNonNullElseGet(address, () -> this.fabric.addressPlan().node(1));
        this.stateDirectory =
                Objects.requireNonNullElse(stateDirectory, Path.of("/var/lib/coracle/nodes"));
        this.imagesDirectory =
                Objects.requireNonNullElse(imagesDirectory, Path.of("/etc/coracle/images.d"));
        this.proxyMode = Objects.requireNonNullElse(proxyMode, ProxyMode.AUTO);
        this.crashLoopFirst = Objects.requireNonNullElse(crashLoopFirst, Duration.ofSeconds(10));
        this.podPidsLimit = Objects.requireNonNullElse(podPidsLimit, MOST_PIDS);
        this.crashLoopLongest = Objects.requireNonNullElse(crashLoopLongest, Duration.ofMinutes(5));
        if (!NAME.matcher(this.name).matches()) {
            throw new IllegalArgumentException(
                    "coracle.node.name must be a DNS label of at most 40 characters, not '"
                            + this.name
                            + "'");
        }
        if (!this.fabric.nodes().contains(this.address)) {
            throw new IllegalArgumentException(
                    "coracle.node.address '"
                            + this.address
                            + "' is not in the fabric's node range "
                            + this.fabric.nodes());
        }
    }

    /** A node with the usual settings. */
    public static NodeAgentProperties of(
            String name, String address, Path stateDirectory, FabricProperties fabric) {
        return new NodeAgentProperties(
                name, address, stateDirectory, null, null, null, null, null, fabric);
    }

    public NodeAgentProperties withProxyMode(ProxyMode mode) {
        return new NodeAgentProperties(
                name,
                address,
                stateDirectory,
                imagesDirectory,
                mode,
                crashLoopFirst,
                crashLoopLongest,
                podPidsLimit,
                fabric);
    }

    public NodeAgentProperties withImagesDirectory(Path directory) {
        return new NodeAgentProperties(
                name,
                address,
                stateDirectory,
                directory,
                proxyMode,
                crashLoopFirst,
                crashLoopLongest,
                podPidsLimit,
                fabric);
    }
}
