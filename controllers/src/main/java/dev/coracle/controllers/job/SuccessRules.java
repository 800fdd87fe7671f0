package dev.coracle.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicyRule;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** What {@code successPolicy} says about the completed indexes. */
final class SuccessRules {

    private SuccessRules() {}

    /** As the condition words it; empty when no rule matches. */
    static Optional<String> match(Job job, NavigableSet<Integer> completed) {
        var policy = job.getSpec().getSuccessPolicy();
        if (policy == null) {
            return Optional.empty();
        }
        List<SuccessPolicyRule> rules = policy.getRules();
        for (int i = 0; i < rules.size(); i++) {
            if (holds(rules.get(i), completed)) {
                return Optional.of("Matched rules at index " + i);
            }
        }
        return Optional.empty();
    }

    private static boolean holds(SuccessPolicyRule rule, NavigableSet<Integer> completed) {
        NavigableSet<Integer> counted = new TreeSet<>(completed);
        String listed = rule.getSucceededIndexes();
        if (listed == null) {
            return rule.getSucceededCount() != null && counted.size() >= rule.getSucceededCount();
        }
        NavigableSet<Integer> wanted = Indexes.parse(listed);
        counted.retainAll(wanted);
        int enough = rule.getSucceededCount() == null ? wanted.size() : rule.getSucceededCount();
        return counted.size() >= enough;
    }
}
