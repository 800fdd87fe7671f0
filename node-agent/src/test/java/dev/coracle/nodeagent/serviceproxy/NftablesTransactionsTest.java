package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.serviceproxy.NftablesTransactions.Transaction;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NftablesTransactionsTest {

    private final NftablesTransactions transactions = new NftablesTransactions();
    private RuleSet inForce = RuleSet.EMPTY;

    private Transaction apply(ServiceRule... rules) {
        RuleSet wanted = new RuleSet(List.of(rules));
        Transaction transaction = transactions.of(inForce.to(wanted));
        inForce = wanted;
        return transaction;
    }

    private static ServiceRule rule(Protocol protocol, String ip, String... backends) {
        return new ServiceRule(
                "default/" + ip,
                protocol,
                List.of(new Front(Kind.CLUSTER, ip, 80)),
                Targets.all(
                        Stream.of(backends).map(address -> new Backend(address, 3000)).toList()),
                0,
                List.of());
    }

    @Test
    void touchesOnlyTheElementsOfWhatChanges() {
        List<ServiceRule> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(rule(Protocol.TCP, "10.96.1." + i, "10.244.1.1", "10.244.1.2"));
        }
        assertThat(apply(many.toArray(ServiceRule[]::new)).text())
                .contains("10.96.1.99 . tcp . 80");
        many.set(50, rule(Protocol.TCP, "10.96.1.50", "10.244.1.1", "10.244.1.3"));
        int changed = numberOf("10.96.1.50");
        assertThat(apply(many.toArray(ServiceRule[]::new)).text())
                .isEqualTo(
                        """
                        delete element ip coracle slots { %1$d . 1 }
                        add element ip coracle backends { 201 : 10.244.1.3 . 3000 }
                        add element ip coracle slots { %1$d . 1 : 201 }
                        """
                                .formatted(changed * 3));
        // packets that had picked it before have found its address by now
        many.set(50, rule(Protocol.TCP, "10.96.1.50", "10.244.1.1"));
        assertThat(apply(many.toArray(ServiceRule[]::new)).text())
                .startsWith("add chain ip coracle pick1\n")
                .contains("delete element ip coracle backends { " + changed * 2 + " }")
                .doesNotContain("delete element ip coracle slots");
        many.set(50, rule(Protocol.TCP, "10.96.1.50", "10.244.1.1", "10.244.1.4"));
        assertThat(apply(many.toArray(ServiceRule[]::new)).text())
                .contains("delete element ip coracle slots { " + changed * 3 + " . 1 }")
                .contains("add element ip coracle slots { " + changed * 3 + " . 1 : 202 }");
    }

    /** Rules are numbered in the order of their names. */
    private static int numberOf(String ip) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            names.add("10.96.1." + i);
        }
        names.sort(null);
        return names.indexOf(ip) + 1;
    }

    @Test
    void saysNothingAboutNothing() {
        apply(rule(Protocol.TCP, "10.96.1.1", "10.244.1.1"));
        assertThat(apply(rule(Protocol.TCP, "10.96.1.1", "10.244.1.1")).text()).isEmpty();
    }

    @Test
    void rejectsWithoutBackends() {
        assertThat(apply(rule(Protocol.TCP, "10.96.1.1")).text())
                .isEqualTo("add element ip coracle rejected { 10.96.1.1 . tcp . 80 }\n");
    }

    @Test
    void forgetsTheConnectionsOfUdpBackendsThatAreGone() {
        apply(rule(Protocol.UDP, "10.96.1.1", "10.244.1.1", "10.244.1.2"));
        assertThat(apply(rule(Protocol.UDP, "10.96.1.1", "10.244.1.2")).forgotten())
                .containsExactly(1);
        assertThat(apply().forgotten()).containsExactly(2);
    }

    @Test
    void leavesTcpConnectionsAlone() {
        apply(rule(Protocol.TCP, "10.96.1.1", "10.244.1.1"));
        assertThat(apply().forgotten()).isEmpty();
    }
}
