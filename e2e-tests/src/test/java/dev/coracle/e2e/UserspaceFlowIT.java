package dev.coracle.e2e;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The complete flow with Services in userspace. */
@Order(5)
@ResourceLock(Cluster.HOST)
class UserspaceFlowIT extends CompleteFlow {

    @Override
    Cluster cluster() {
        return Cluster.with("--proxy", "userspace");
    }
}
