package dev.coracle.e2e;

/** The complete flow with Services in nftables. */
class NftablesFlowIT extends CompleteFlow {

    @Override
    Cluster cluster() {
        return Cluster.with("--proxy", "nftables");
    }
}
