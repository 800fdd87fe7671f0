package dev.coracle.nodeagent.serviceproxy;

import java.io.IOException;

/** Puts a rule set into force. Confined to the proxy's thread. */
interface RuleApplier extends AutoCloseable {

    /**
     * Replaces what is in force. Connections through rules that stay the same are not disturbed.
     *
     * @throws IOException if it cannot be applied whole; the caller tries again
     */
    void apply(RuleSet rules) throws IOException;

    /** Takes everything out of force. */
    @Override
    void close();
}
