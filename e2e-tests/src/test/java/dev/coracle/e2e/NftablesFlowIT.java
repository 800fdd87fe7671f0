package dev.coracle.e2e;

import org.junit.jupiter.api.parallel.ResourceLock;

/** The complete flow with Services in nftables. */
@ResourceLock(Cluster.HOST)
class NftablesFlowIT extends CompleteFlow {

    @Override
    Cluster cluster() {
        return Cluster.with("--proxy", "nftables");
    }
}
