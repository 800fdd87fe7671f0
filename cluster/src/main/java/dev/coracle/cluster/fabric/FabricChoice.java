package dev.coracle.cluster.fabric;

import dev.coracle.cluster.part.StartupException;
import dev.coracle.cluster.rootless.RootlessRun;
import dev.coracle.cluster.rootless.UserNamespace;
import dev.coracle.fabric.island.NetnsFabric;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A fabric that this host allows.
 *
 * @param reason why it is this one
 */
public record FabricChoice(Fabric fabric, String reason) {

    /**
     * Chooses on this host.
     *
     * @param wish {@code auto}, {@code netns}, {@code rootless} or {@code loopback}
     * @throws StartupException if the host does not allow what is wished
     */
    public static FabricChoice of(String wish) {
        if (RootlessRun.socketInside() != null) {
            return new FabricChoice(Fabric.ROOTLESS, RootlessRun.reasonInside());
        }
        return of(
                wish,
                () -> {
                    var preflight = NetnsFabric.check();
                    return preflight.passed()
                            ? Optional.empty()
                            : Optional.of(String.join("; ", preflight.failures()));
                },
                UserNamespace::obstacle);
    }

    /** Chooses by what stands in the way of each; {@code rootless} is asked when it matters. */
    static FabricChoice of(
            String wish, Supplier<Optional<String>> netns, Supplier<Optional<String>> rootless) {
        return switch (wish) {
            case "netns" -> wished(Fabric.NETNS, netns.get());
            case "rootless" -> wished(Fabric.ROOTLESS, rootless.get());
            case "loopback" -> wished(Fabric.LOOPBACK, Optional.empty());
            case "auto" -> best(netns.get(), rootless);
            default ->
                    throw new StartupException(
                            "--fabric must be auto, netns, rootless or loopback, not '"
                                    + wish
                                    + "'");
        };
    }

    private static FabricChoice wished(Fabric fabric, Optional<String> obstacle) {
        if (obstacle.isPresent()) {
            throw new StartupException(
                    "--fabric "
                            + fabric.word()
                            + " cannot be had here: "
                            + obstacle.get()
                            + (fabric == Fabric.NETNS
                                    ? "; --fabric rootless may do without"
                                    : "; --fabric loopback needs nothing"));
        }
        return new FabricChoice(fabric, "asked for");
    }

    private static FabricChoice best(Optional<String> netns, Supplier<Optional<String>> rootless) {
        if (netns.isEmpty()) {
            return new FabricChoice(
                    Fabric.NETNS, "allowed here: root, namespaces and iproute2 are there");
        }
        Optional<String> obstacle = rootless.get();
        return obstacle.isEmpty()
                ? new FabricChoice(Fabric.ROOTLESS, netns.get() + "; user namespaces are allowed")
                : new FabricChoice(Fabric.LOOPBACK, netns.get() + "; " + obstacle.get());
    }
}
