package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.island.Tool;
import dev.coracle.fabric.netns.Conntrack;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.serviceproxy.NftablesTransactions.Transaction;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rules in the kernel: one {@code nft -f -} in the node's namespace changes the elements that a
 * change is about. After a failure, and at first, the whole table is made anew, some rules at a
 * time.
 */
final class NftablesRuleApplier implements RuleApplier {

    private static final Logger log = LoggerFactory.getLogger(NftablesRuleApplier.class);
    private static final int RULES_AT_ONCE = 1000;

    private final NodeNetwork node;
    private final NetworkNamespace namespace;
    private final OutsideAddresses outside;
    private final NftablesTransactions transactions = new NftablesTransactions();
    private boolean isCurrent;

    /**
     * Touches nothing yet.
     *
     * @param namespace the node's, stays the caller's to close
     */
    NftablesRuleApplier(NodeNetwork node, NetworkNamespace namespace) {
        this.node = node;
        this.namespace = namespace;
        // the way out is never taken: NAT sees the packet first
        this.outside =
                new OutsideAddresses(
                        node.namespace(),
                        List.of(
                                node.plan().services(),
                                node.plan().nodes(),
                                node.plan().pods(),
                                node.plan().loadBalancers()),
                        "route replace %s dev eth0",
                        "route del %s dev eth0");
    }

    @Override
    public void apply(RuleSet.Change change) throws IOException {
        RuleSet.Change wanted = change;
        if (!isCurrent) {
            wanted = merged(transactions.reset(), change);
            nft(NftablesTable.skeleton(node));
        }
        isCurrent = false;
        outside.want(change);
        List<ServiceRule> rules = wanted.wanted();
        int start = 0;
        do {
            int end = Math.min(start + RULES_AT_ONCE, rules.size());
            List<String> gone = start == 0 ? wanted.gone() : List.of();
            apply(transactions.of(new RuleSet.Change(rules.subList(start, end), gone)));
            start = end;
        } while (start < rules.size());
        isCurrent = true;
    }

    private void apply(Transaction transaction) throws IOException {
        if (!transaction.text().isEmpty()) {
            nft(transaction.text());
        }
        for (int mark : transaction.forgotten()) {
            Conntrack.forget(namespace, mark);
        }
        for (Front front : transaction.opened()) {
            Inet4Address address = Inet4Address.ofLiteral(front.address());
            Conntrack.forgetUdp(namespace, address, front.port());
        }
    }

    private static RuleSet.Change merged(List<ServiceRule> known, RuleSet.Change change) {
        Map<String, ServiceRule> rules = new LinkedHashMap<>();
        known.forEach(rule -> rules.put(rule.name(), rule));
        change.gone().forEach(rules::remove);
        change.wanted().forEach(rule -> rules.put(rule.name(), rule));
        return new RuleSet.Change(new ArrayList<>(rules.values()), List.of());
    }

    @Override
    public void close() {
        try {
            nft("add table ip %1$s\ndelete table ip %1$s\n".formatted(NftablesTable.NAME));
        } catch (IOException e) {
            log.debug("rules go with the namespace '{}': {}", node.namespace(), e.toString());
        }
    }

    private void nft(String transaction) throws IOException {
        String _ =
                Tool.run(
                        List.of(
                                "nsenter",
                                "--net=/run/netns/" + node.namespace(),
                                "nft",
                                "-f",
                                "-"),
                        transaction);
    }
}
