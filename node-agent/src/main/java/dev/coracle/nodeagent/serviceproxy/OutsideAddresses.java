package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.island.Tool;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A route in the node's namespace for each Service address that no range of the cluster has, so
 * that the node's own connections find a way to begin with. Confined to the proxy's thread.
 */
final class OutsideAddresses {

    private static final Logger log = LoggerFactory.getLogger(OutsideAddresses.class);

    private final String namespace;
    private final List<Cidr> routed;
    private final String add;
    private final String remove;
    // the rules that have each address
    private final Map<String, Set<String>> users = new HashMap<>();
    private final Map<String, Set<String>> byRule = new HashMap<>();

    /**
     * Routes are made and removed by {@code ip} commands with a place for the address.
     *
     * @param routed ranges that have their routes already
     */
    OutsideAddresses(String namespace, List<Cidr> routed, String add, String remove) {
        this.namespace = namespace;
        this.routed = List.copyOf(routed);
        this.add = add;
        this.remove = remove;
    }

    /** Makes and removes routes; without one, pods still reach the address. */
    void want(RuleSet.Change change) {
        Map<String, Set<String>> now = new TreeMap<>();
        change.gone().forEach(name -> now.put(name, Set.of()));
        change.wanted().forEach(rule -> now.put(rule.name(), addresses(rule)));
        List<String> commands = new ArrayList<>();
        now.forEach((name, addresses) -> {
            Set<String> before = byRule.getOrDefault(name, Set.of());
            for (String address : addresses) {
                if (!before.contains(address)) {
                    Set<String> all = users.computeIfAbsent(address, _ -> new TreeSet<>());
                    if (all.isEmpty()) {
                        commands.add(add.formatted(address));
                    }
                    all.add(name);
                }
            }
            for (String address : before) {
                Set<String> all = users.getOrDefault(address, Set.of());
                if (!addresses.contains(address) && all.remove(name) && all.isEmpty()) {
                    users.remove(address);
                    commands.add(remove.formatted(address));
                }
            }
            if (addresses.isEmpty()) {
                byRule.remove(name);
            } else {
                byRule.put(name, addresses);
            }
        });
        try {
            Tool.ipBatch(namespace, commands);
        } catch (IOException e) {
            log.warn("'{}': Service addresses are not routed: {}", namespace, e.getMessage());
        }
    }

    private Set<String> addresses(ServiceRule rule) {
        Set<String> addresses = new TreeSet<>();
        for (Front front : rule.fronts()) {
            if (front.kind() != Kind.NODE
                    && routed.stream().noneMatch(range -> range.contains(front.address()))) {
                addresses.add(front.address());
            }
        }
        return addresses;
    }
}
