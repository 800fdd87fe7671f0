package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;

class UserspaceRuleApplierIT extends RuleApplierConformance {

    @Override
    RuleApplier applier(NodeNetwork node, NetworkNamespace namespace) throws IOException {
        return new UserspaceRuleApplier(node, namespace, System::nanoTime);
    }

    @Override
    boolean keepsSources() {
        return false;
    }
}
