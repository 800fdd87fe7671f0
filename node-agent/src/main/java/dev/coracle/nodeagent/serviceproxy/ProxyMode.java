package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.island.Tool;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;

/** How Service traffic is carried; AUTO prefers the kernel. */
public enum ProxyMode {
    AUTO,
    NFTABLES,
    USERSPACE;

    /**
     * The mode in use and why.
     *
     * @param mode never AUTO
     */
    public record Chosen(ProxyMode mode, String reason) {}

    /** Decides AUTO by whether {@code nft} works in {@code namespace}. */
    public Chosen choose(String namespace) {
        return switch (this) {
            case NFTABLES -> new Chosen(NFTABLES, "asked for");
            case USERSPACE -> new Chosen(USERSPACE, "asked for");
            case AUTO -> {
                if (Tool.find("nft").isEmpty()) {
                    yield new Chosen(USERSPACE, "'nft' is not installed");
                }
                try {
                    String _ =
                            Tool.run(
                                    "nsenter",
                                    "--net=/run/netns/" + namespace,
                                    "nft",
                                    "list",
                                    "tables");
                    yield new Chosen(NFTABLES, "'nft' is installed and works");
                } catch (IOException e) {
                    yield new Chosen(USERSPACE, "'nft' does not work: " + e.getMessage());
                }
            }
        };
    }

    static RuleApplier applier(ProxyMode mode, NodeNetwork node, NetworkNamespace namespace)
            throws IOException {
        if (namespace.isHost()) {
            return UserspaceRuleApplier.onLoopback(node, System::nanoTime);
        }
        return switch (mode) {
            case NFTABLES -> new NftablesRuleApplier(node, namespace);
            case USERSPACE -> new UserspaceRuleApplier(node, namespace, System::nanoTime);
            case AUTO -> throw new IllegalArgumentException("AUTO has to be decided first");
        };
    }
}
