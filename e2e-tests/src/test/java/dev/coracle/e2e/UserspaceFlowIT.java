package dev.coracle.e2e;

/** The complete flow with Services in userspace. */
class UserspaceFlowIT extends CompleteFlow {

    @Override
    Cluster cluster() {
        return Cluster.with("--proxy", "userspace");
    }
}
