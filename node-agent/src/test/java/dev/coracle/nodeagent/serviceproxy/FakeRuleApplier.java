package dev.coracle.nodeagent.serviceproxy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/** Remembers what was applied; the first {@code failures} applications fail. */
final class FakeRuleApplier implements RuleApplier {

    final LinkedBlockingQueue<RuleSet.Change> applied = new LinkedBlockingQueue<>();
    private int failures;

    FakeRuleApplier(int failures) {
        this.failures = failures;
    }

    @Override
    public synchronized void apply(RuleSet.Change change) throws IOException {
        if (failures > 0) {
            failures--;
            throw new IOException("refused by the test");
        }
        applied.add(change);
    }

    @Override
    public void close() {
        applied.add(new RuleSet.Change(List.of(), List.of()));
    }
}
