package dev.coracle.nodeagent.serviceproxy;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a node's service proxy should do, as data.
 *
 * @param rules sorted by name; no two have the same
 */
record RuleSet(List<ServiceRule> rules) {

    static final RuleSet EMPTY = new RuleSet(List.of());

    RuleSet {
        rules = rules.stream().sorted(Comparator.comparing(ServiceRule::name)).toList();
    }

    /**
     * What makes one rule set out of another.
     *
     * @param wanted new rules, and the new form of changed ones
     * @param gone names of rules
     */
    record Change(List<ServiceRule> wanted, List<String> gone) {

        Change {
            wanted = List.copyOf(wanted);
            gone = List.copyOf(gone);
        }

        boolean isEmpty() {
            return wanted.isEmpty() && gone.isEmpty();
        }
    }

    /** From these rules to others. */
    Change to(RuleSet other) {
        return change(rules, other.rules);
    }

    /** From some rules to others. */
    static Change change(Collection<ServiceRule> before, Collection<ServiceRule> after) {
        Map<String, ServiceRule> left = new HashMap<>();
        before.forEach(rule -> left.put(rule.name(), rule));
        List<ServiceRule> wanted =
                after.stream().filter(rule -> !rule.equals(left.remove(rule.name()))).toList();
        after.forEach(rule -> left.remove(rule.name()));
        return new Change(wanted, left.keySet().stream().sorted().toList());
    }
}
