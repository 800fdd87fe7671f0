package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rule has which front: the first that asked, and after it who has waited. Two Services may
 * name the same external address and port. Confined to the proxy's thread.
 */
final class FrontOwners {

    private final Map<String, Granted> rules = new HashMap<>();
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, TreeSet<String>> waiting = new HashMap<>();

    /** A rule and the fronts that are its own. */
    record Granted(ServiceRule rule, List<Front> fronts) {

        Granted {
            fronts = List.copyOf(fronts);
        }
    }

    /** A rule before and after a change; null where there is none. */
    record Step(String name, @Nullable Granted before, @Nullable Granted after) {}

    /** What a change means, for the rules that it names and those that waited for them. */
    List<Step> apply(RuleSet.Change change) {
        Map<String, @Nullable ServiceRule> touched = new LinkedHashMap<>();
        change.gone().forEach(name -> touched.put(name, null));
        change.wanted().forEach(rule -> touched.put(rule.name(), rule));
        Set<String> waiters = new LinkedHashSet<>();
        touched.keySet().forEach(name -> release(name, waiters));
        waiters.removeAll(touched.keySet());
        for (String waiter : waiters) {
            Granted granted = rules.get(waiter);
            if (granted != null) {
                release(waiter, new LinkedHashSet<>());
                touched.put(waiter, granted.rule());
            }
        }
        List<Step> steps = new ArrayList<>();
        touched.forEach((name, rule) -> {
            Granted before = rules.remove(name);
            Granted after = rule == null ? null : grant(rule);
            if (after != null) {
                rules.put(name, after);
            }
            steps.add(new Step(name, before, after));
        });
        return steps;
    }

    /** Forgets everything, and says which rules there were. */
    List<ServiceRule> reset() {
        List<ServiceRule> all = rules.values().stream().map(Granted::rule).toList();
        rules.clear();
        owners.clear();
        waiting.clear();
        return all;
    }

    /** What a front is; it is one rule's at a time. */
    static String key(ServiceRule rule, Front front) {
        return front.address() + " . " + rule.protocol().lower() + " . " + front.port();
    }

    private void release(String name, Set<String> waiters) {
        Granted granted = rules.get(name);
        if (granted == null) {
            return;
        }
        for (Front front : granted.rule().fronts()) {
            String key = key(granted.rule(), front);
            TreeSet<String> others = waiting.getOrDefault(key, new TreeSet<>());
            others.remove(name);
            if (others.isEmpty()) {
                waiting.remove(key);
            }
            if (owners.remove(key, name)) {
                waiters.addAll(others);
            }
        }
    }

    private Granted grant(ServiceRule rule) {
        List<Front> fronts = new ArrayList<>();
        for (Front front : rule.fronts()) {
            String key = key(rule, front);
            String owner = owners.putIfAbsent(key, rule.name());
            if (owner == null || owner.equals(rule.name())) {
                fronts.add(front);
            } else {
                waiting.computeIfAbsent(key, _ -> new TreeSet<>()).add(rule.name());
            }
        }
        return new Granted(rule, fronts);
    }
}
