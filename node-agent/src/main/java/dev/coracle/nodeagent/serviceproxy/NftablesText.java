package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule set as one nft transaction. Pure.
 *
 * <p>NAT: {@code prerouting} (pods, other hosts) and {@code output} (the node itself) look the
 * destination up in one verdict map for Service addresses and one for node ports; a Service's chain
 * picks an endpoint by number. {@code postrouting} masquerades what was marked (node port
 * connections, and a pod that reaches itself) and what a pod sends to the host. Filter: what still
 * has a Service address when it is forwarded or sent found no endpoint and is rejected.
 */
final class NftablesText {

    static final String TABLE = "coracle";
    private static final String MARK = "0x4000";

    private NftablesText() {}

    static String of(RuleSet rules, NodeNetwork node) {
        StringBuilder text = new StringBuilder(4096);
        text.append("add table ip ").append(TABLE).append('\n');
        text.append("delete table ip ").append(TABLE).append('\n');
        text.append("table ip ").append(TABLE).append(" {\n");
        List<String> services = new ArrayList<>();
        List<String> nodePorts = new ArrayList<>();
        List<String> rejected = new ArrayList<>();
        int number = 0;
        for (ServiceRule rule : rules.rules()) {
            String chain = "svc" + number++;
            String protocol = rule.protocol().lower();
            for (String address : rule.addresses()) {
                String key = address + " . " + protocol + " . " + rule.port();
                if (rule.backends().isEmpty()) {
                    rejected.add(key);
                } else {
                    services.add(key + " : goto " + chain);
                }
            }
            if (!rule.backends().isEmpty()) {
                chain(text, chain, rule, rule.backends(), false);
            }
            if (rule.nodePort() != 0 && !rule.nodePortBackends().isEmpty()) {
                nodePorts.add(protocol + " . " + rule.nodePort() + " : goto ext" + chain);
                chain(text, "ext" + chain, rule, rule.nodePortBackends(), !rule.keepsSource());
            }
        }
        elements(text, "map services", "ipv4_addr . inet_proto . inet_service : verdict", services);
        elements(text, "map nodeports", "inet_proto . inet_service : verdict", nodePorts);
        elements(text, "set rejected", "ipv4_addr . inet_proto . inet_service", rejected);
        text.append(
                """
                 chain dispatch {
                  ip daddr . meta l4proto . th dport vmap @services
                  ip daddr %1$s meta l4proto . th dport vmap @nodeports
                 }
                 chain prerouting { type nat hook prerouting priority -100; jump dispatch; }
                 chain output { type nat hook output priority -100; jump dispatch; }
                 chain postrouting {
                  type nat hook postrouting priority 100;
                  meta mark and %2$s != 0 snat to %1$s
                  ip saddr %3$s ip daddr { %4$s, %5$s } snat to %1$s
                 }
                 chain answer {
                  meta l4proto tcp reject with tcp reset
                  reject with icmp type port-unreachable
                 }
                 chain refuse {
                  ip daddr . meta l4proto . th dport @rejected goto answer
                  ip daddr %6$s goto answer
                 }
                 chain forward { type filter hook forward priority 0; ct state new jump refuse; }
                 chain sent { type filter hook output priority 0; ct state new jump refuse; }
                }
                """
                        .formatted(
                                node.nodeAddress(),
                                MARK,
                                node.podCidr(),
                                node.plan().host(),
                                node.plan().loadBalancers(),
                                node.plan().services()));
        return text.toString();
    }

    private static void chain(
            StringBuilder text,
            String chain,
            ServiceRule rule,
            List<Backend> backends,
            boolean masqueraded) {
        String protocol = rule.protocol().lower();
        for (int i = 0; i < backends.size(); i++) {
            Backend backend = backends.get(i);
            text.append(" chain ").append(chain).append('e').append(i).append(" {\n");
            text.append("  ip saddr ").append(backend.address());
            text.append(" meta mark set meta mark or ").append(MARK).append('\n');
            text.append("  meta l4proto ").append(protocol).append(" dnat to ");
            text.append(backend.address()).append(':').append(backend.port()).append("\n }\n");
        }
        text.append(" chain ").append(chain).append(" {\n  comment \"");
        text.append(rule.name()).append("\"\n");
        if (masqueraded) {
            text.append("  meta mark set meta mark or ").append(MARK).append('\n');
        }
        if (backends.size() == 1) {
            text.append("  goto ").append(chain).append("e0\n }\n");
            return;
        }
        text.append(rule.sticky() ? "  jhash ip saddr mod " : "  numgen random mod ");
        text.append(backends.size()).append(" vmap { ");
        for (int i = 0; i < backends.size(); i++) {
            text.append(i > 0 ? ", " : "").append(i).append(" : goto ").append(chain);
            text.append('e').append(i);
        }
        text.append(" }\n }\n");
    }

    private static void elements(
            StringBuilder text, String name, String type, List<String> elements) {
        text.append(' ').append(name).append(" {\n  type ").append(type).append('\n');
        if (!elements.isEmpty()) {
            text.append("  elements = { ").append(String.join(", ", elements)).append(" }\n");
        }
        text.append(" }\n");
    }
}
