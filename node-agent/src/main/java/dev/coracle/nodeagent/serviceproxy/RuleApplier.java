package dev.coracle.nodeagent.serviceproxy;

import java.io.IOException;

/** Puts rules into force. Confined to the proxy's thread. */
interface RuleApplier extends AutoCloseable {

    /**
     * Changes what is in force, at a cost that follows the change and not what is there.
     * Connections through rules that stay the same are not disturbed.
     *
     * @throws IOException if it cannot be applied whole; then nothing of it is in force, or the
     *     next call puts all of it into force
     */
    void apply(RuleSet.Change change) throws IOException;

    /** Takes everything out of force. */
    @Override
    void close();
}
