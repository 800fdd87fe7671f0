package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.netns.NetworkNamespace;

/** Rules in the kernel; runs as root with nft. */
class NftablesRuleApplierIT extends RuleApplierConformance {

    @Override
    RuleApplier applier(NodeNetwork node, NetworkNamespace namespace) {
        return new NftablesRuleApplier(node);
    }
}
