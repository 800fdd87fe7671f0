package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.netns.NetworkNamespace;

class NftablesRuleApplierIT extends RuleApplierConformance {

    @Override
    RuleApplier applier(NodeNetwork node, NetworkNamespace namespace) {
        return new NftablesRuleApplier(node, namespace);
    }

    @Override
    boolean keepsSources() {
        return true;
    }
}
