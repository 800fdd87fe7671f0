package dev.coracle.nodeagent.serviceproxy;

import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;

/** Remembers what was applied; the first {@code failures} applications fail. */
final class FakeRuleApplier implements RuleApplier {

    final LinkedBlockingQueue<RuleSet> applied = new LinkedBlockingQueue<>();
    private int failures;

    FakeRuleApplier(int failures) {
        this.failures = failures;
    }

    @Override
    public synchronized void apply(RuleSet rules) throws IOException {
        if (failures > 0) {
            failures--;
            throw new IOException("refused by the test");
        }
        applied.add(rules);
    }

    @Override
    public void close() {
        applied.add(new RuleSet(java.util.List.of()));
    }
}
