package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rules in the kernel: one {@code nft -f -} in the node's namespace replaces the whole table. */
final class NftablesRuleApplier implements RuleApplier {

    private static final Logger log = LoggerFactory.getLogger(NftablesRuleApplier.class);

    private final NodeNetwork node;

    NftablesRuleApplier(NodeNetwork node) {
        this.node = node;
    }

    @Override
    public void apply(RuleSet rules) throws IOException {
        nft(NftablesText.of(rules, node));
    }

    @Override
    public void close() {
        try {
            nft("add table ip %1$s\ndelete table ip %1$s\n".formatted(NftablesText.TABLE));
        } catch (IOException e) {
            log.debug("rules go with the namespace '{}': {}", node.namespace(), e.toString());
        }
    }

    private void nft(String transaction) throws IOException {
        String _ =
                Tool.run(
                        List.of(
                                "nsenter",
                                "--net=/run/netns/" + node.namespace(),
                                "nft",
                                "-f",
                                "-"),
                        transaction);
    }
}
