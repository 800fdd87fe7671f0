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
 * @param images what was loaded or pulled, and from where
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
        ImageOptions images,
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
            @Nullable ImageOptions images,
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
        this.images =
                Objects.requireNonNullElseGet(images, () -> new ImageOptions(null, null, null));
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
                name, address, stateDirectory, null, null, null, null, null, null, fabric);
    }

    /** Where the images are that were loaded or pulled. */
    Path imageStore() {
        Path given = images.store();
        return given == null ? stateDirectory.resolve("images") : given;
    }

    /**
     * {@code coracle.node.images.*}.
     *
     * @param store folder of what was loaded or pulled; null for {@code images} in the state
     *     directory
     * @param defaultRegistry host of names that say none; null or empty if they are not pulled
     * @param registryCa certificates in PEM of further authorities that registries may have theirs
     *     from
     */
    public record ImageOptions(
            @Nullable Path store, @Nullable String defaultRegistry, @Nullable Path registryCa) {}

    public NodeAgentProperties withImages(ImageOptions options) {
        return new NodeAgentProperties(
                name,
                address,
                stateDirectory,
                imagesDirectory,
                proxyMode,
                crashLoopFirst,
                crashLoopLongest,
                podPidsLimit,
                options,
                fabric);
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
                images,
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
                images,
                fabric);
    }
}
