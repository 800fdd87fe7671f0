package dev.coracle.nodeagent.serviceproxy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The table without its Services: maps and sets that are empty, and the few rules that read them,
 * the same for any number of Services. Pure.
 *
 * <p>NAT: {@code prerouting} (pods, other hosts) and {@code output} (the node itself) look the
 * destination up; {@code ids} gives the number of a list of backends, {@code services} the chain
 * for lists of that length. That chain picks one: {@code slots} gives a backend's number by list
 * and place, which becomes the connection's mark, {@code backends} its address. A client that is to
 * stay with its backend has the number in {@code affinity}. {@code inside} is asked first for
 * connections from the node and its pods, where they end elsewhere than those from outside. {@code
 * postrouting} masquerades connections through node ports and other external addresses ({@code
 * masqueraded}), a pod that reaches itself, and what a pod sends to the host.
 *
 * <p>Filter: {@code firewall} drops who may not use a load balancer's address. What still has a
 * Service's address behind NAT found no backend and is rejected.
 */
final class NftablesTable {

    static final String NAME = "coracle";
    private static final String MASQUERADE = "0x4000";
    private static final int HAIRPIN_LIMIT = 4096;

    private NftablesTable() {}

    /** Replaces whatever is there. */
    static String skeleton(NodeNetwork node) {
        return """
        add table ip %1$s
        delete table ip %1$s
        table ip %1$s {
         map services { type ipv4_addr . inet_proto . inet_service : verdict; }
         map ids { type ipv4_addr . inet_proto . inet_service : mark; }
         map inside { type ipv4_addr . inet_proto . inet_service : verdict; }
         map insideids { type ipv4_addr . inet_proto . inet_service : mark; }
         map slots { typeof meta mark . numgen random mod 2 : ct mark; }
         map backends { type mark : ipv4_addr . inet_service; }
         map affinity { type ipv4_addr . mark : mark; size 262144; flags dynamic,timeout; }
         set live { type mark; }
         set masqueraded { type ipv4_addr . inet_proto . inet_service; }
         set rejected { type ipv4_addr . inet_proto . inet_service; }
         set firewalled { type ipv4_addr . inet_proto . inet_service; }
         set allowed { type ipv4_addr . inet_proto . inet_service . ipv4_addr; flags interval; }
         set hairpin { type ipv4_addr . ipv4_addr; %2$s }
         chain fromInside {
          meta mark set ip daddr . meta l4proto . th dport map @insideids
          ip daddr . meta l4proto . th dport vmap @inside
         }
         chain dispatch {
          ip saddr { %3$s, %4$s } jump fromInside
          meta mark set ip daddr . meta l4proto . th dport map @ids
          ip daddr . meta l4proto . th dport vmap @services
         }
         chain prerouting { type nat hook prerouting priority -100; jump dispatch; }
         chain output { type nat hook output priority -100; jump dispatch; }
         chain postrouting {
          type nat hook postrouting priority 100;
          meta mark %9$s snat to %5$s
          ip saddr . ip daddr @hairpin snat to %5$s
          ip saddr %3$s ip daddr { %6$s, %7$s } snat to %5$s
         }
         chain firewall {
          ip daddr . meta l4proto . th dport @firewalled ip daddr . meta l4proto . th dport . ip saddr != @allowed drop
         }
         chain arriving { type filter hook prerouting priority -110; jump firewall; }
         chain leaving { type filter hook output priority -110; jump firewall; }
         chain answer {
          meta l4proto tcp reject with tcp reset
          reject with icmp type port-unreachable
         }
         chain refuse {
          ip daddr . meta l4proto . th dport @rejected goto answer
          ip daddr %8$s goto answer
         }
         chain forward { type filter hook forward priority 0; ct state new jump refuse; }
         chain sent { type filter hook output priority 0; ct state new jump refuse; }
         chain received { type filter hook input priority 0; ct state new jump refuse; }
        }
        """
                .formatted(
                        NAME,
                        hairpin(node),
                        node.podCidr(),
                        String.join(", ", node.addresses()),
                        node.nodeAddress(),
                        node.plan().host(),
                        node.plan().loadBalancers(),
                        node.plan().services(),
                        MASQUERADE);
    }

    /** The chain for lists of {@code size}; {@code affinitySeconds} of 0 is for any client anew. */
    static String chain(int size, int affinitySeconds) {
        return affinitySeconds == 0 ? "pick" + size : "keep" + size + "for" + affinitySeconds;
    }

    /** Adds that chain. */
    static String addChain(int size, int affinitySeconds) {
        String chain = chain(size, affinitySeconds);
        String pick = "ct mark set meta mark . numgen random mod " + size + " map @slots";
        List<String> rules =
                affinitySeconds == 0
                        ? List.of(pick)
                        : List.of(
                                "ct mark set ip saddr . meta mark map @affinity",
                                "ct mark != @live " + pick,
                                "update @affinity { ip saddr . meta mark timeout "
                                        + affinitySeconds
                                        + "s : ct mark }");
        StringBuilder text = new StringBuilder(256);
        text.append("add chain ip ").append(NAME).append(' ').append(chain).append('\n');
        for (String rule : rules) {
            addRule(text, chain, rule);
        }
        addRule(text, chain, "meta mark set 0");
        addRule(
                text,
                chain,
                "ip daddr . meta l4proto . th dport @masqueraded meta mark set " + MASQUERADE);
        addRule(text, chain, "meta l4proto { tcp, udp } dnat ip to ct mark map @backends");
        return text.toString();
    }

    private static void addRule(StringBuilder text, String chain, String rule) {
        text.append("add rule ip ").append(NAME).append(' ').append(chain).append(' ');
        text.append(rule).append('\n');
    }

    /** Each pod with itself: nothing in a rule compares two addresses of a packet. */
    private static String hairpin(NodeNetwork node) {
        int pods = (int) Math.min(node.podCidr().size(), HAIRPIN_LIMIT);
        return IntStream.range(0, pods)
                .mapToObj(node.podCidr()::address)
                .map(address -> address + " . " + address)
                .collect(Collectors.joining(", ", "elements = { ", " };"));
    }
}
