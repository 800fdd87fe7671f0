package dev.coracle.fabric;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code coracle.fabric.*} properties, the same for every service.
 *
 * @param mode {@code netns}: an island of network namespaces (the default); {@code host}: the
 *     network this process sees is the fabric, as in a container; {@code loopback}: everything has
 *     a loopback address, and pods are plain processes
 * @param prefix starts the name of everything made on the host: 2 to 10 of a-z, 0-9; {@code
 *     coracle} by default. Clusters side by side need different prefixes and ranges
 * @param nodes range of the nodes, 10.89.0.0/24 by default
 * @param pods range of the pods, 10.244.0.0/16 by default
 * @param services range of the ClusterIPs, 10.96.0.0/16 by default
 * @param loadBalancers range of the load balancer, 10.88.0.0/24 by default
 */
public record FabricProperties(
        Mode mode, String prefix, Cidr nodes, Cidr pods, Cidr services, Cidr loadBalancers) {

    private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9]{1,9}");

    /** Where the fabric is. */
    public enum Mode {
        NETNS,
        HOST,
        LOOPBACK
    }

    // the binder passes null for what is not set
    public FabricProperties(
            @Nullable Mode mode,
            @Nullable String prefix,
            @Nullable Cidr nodes,
            @Nullable Cidr pods,
            @Nullable Cidr services,
            @Nullable Cidr loadBalancers) {
        AddressPlan defaults =
                mode == Mode.LOOPBACK ? AddressPlan.onLoopback() : AddressPlan.defaults();
        this.mode = Objects.requireNonNullElse(mode, Mode.NETNS);
        this.prefix = Objects.requireNonNullElse(prefix, "coracle");
        this.nodes = Objects.requireNonNullElse(nodes, defaults.nodes());
        this.pods = Objects.requireNonNullElse(pods, defaults.pods());
        this.services = Objects.requireNonNullElse(services, defaults.services());
        this.loadBalancers = Objects.requireNonNullElse(loadBalancers, defaults.loadBalancers());
        if (!PREFIX.matcher(this.prefix).matches()) {
            throw new IllegalArgumentException(
                    "coracle.fabric.prefix must be 2 to 10 of a-z and 0-9, a letter first, not '"
                            + prefix
                            + "'");
        }
    }

    public static FabricProperties defaults() {
        return new FabricProperties(null, null, null, null, null, null);
    }

    /** Loopback addresses. */
    public static FabricProperties onLoopback() {
        return new FabricProperties(Mode.LOOPBACK, null, null, null, null, null);
    }

    /**
     * Reads the settings by their full names, for instance {@code coracle.fabric.load-balancers}.
     *
     * @param settings answers null for what is not set
     */
    public static FabricProperties read(Function<String, @Nullable String> settings) {
        String mode = settings.apply("coracle.fabric.mode");
        return new FabricProperties(
                mode == null ? null : Mode.valueOf(mode.toUpperCase(Locale.ROOT)),
                settings.apply("coracle.fabric.prefix"),
                range(settings, "coracle.fabric.nodes"),
                range(settings, "coracle.fabric.pods"),
                range(settings, "coracle.fabric.services"),
                range(settings, "coracle.fabric.load-balancers"));
    }

    private static @Nullable Cidr range(
            Function<String, @Nullable String> settings, String property) {
        String value = settings.apply(property);
        return value == null ? null : Cidr.of(value);
    }

    public static FabricProperties of(String prefix, AddressPlan plan) {
        return new FabricProperties(
                Mode.NETNS,
                prefix,
                plan.nodes(),
                plan.pods(),
                plan.services(),
                plan.loadBalancers());
    }

    /**
     * The ranges as one checked plan.
     *
     * @throws IllegalArgumentException if the ranges overlap
     */
    public AddressPlan addressPlan() {
        return new AddressPlan(nodes, pods, services, loadBalancers);
    }

    /** A new handle on the namespace in which the control plane's cluster side listens. */
    public NetworkNamespace fabricNamespace() {
        return mode == Mode.NETNS
                ? NetworkNamespace.named(prefix + "-fabric")
                : NetworkNamespace.host();
    }
}
