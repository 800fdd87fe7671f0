package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Protocol;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class NftablesTextTest {

    private static final NodeNetwork NODE =
            new NodeNetwork("n", "10.89.0.11", "10.244.1.0/24", AddressPlan.defaults());
    private static final String POD = "10.244.1.9";

    @Test
    void leadsAClusterIpToItsBackendsAndKeepsTheSource() {
        assertThat(fate(rule(0, false, "10.244.1.2", "10.244.2.2"), POD, "10.96.0.7", 80))
                .isEqualTo("[10.244.1.2:3000, 10.244.2.2:3000] from the client");
    }

    @Test
    void replacesTheSourceOfAPodThatReachesItself() {
        assertThat(fate(rule(0, false, POD), POD, "10.96.0.7", 80))
                .isEqualTo("[10.244.1.9:3000] from the node");
    }

    @Test
    void replacesTheSourceAtANodePort() {
        assertThat(fate(rule(32000, false, "10.244.2.2"), "10.89.0.2", "10.89.0.11", 32000))
                .isEqualTo("[10.244.2.2:3000] from the node");
    }

    @Test
    void keepsTheSourceAtANodePortWithPolicyLocal() {
        assertThat(fate(rule(32000, true, "10.244.1.2"), "10.89.0.2", "10.89.0.11", 32000))
                .isEqualTo("[10.244.1.2:3000] from the client");
    }

    @Test
    void refusesWhatHasNoBackendAndPortsThatAreNotServed() {
        assertThat(fate(rule(0, false), POD, "10.96.0.7", 80)).isEqualTo("refused");
        assertThat(fate(rule(0, false, POD), POD, "10.96.0.7", 81)).isEqualTo("refused");
        assertThat(fate(rule(0, false, POD), POD, "10.96.9.9", 80)).isEqualTo("refused");
    }

    @Test
    void leavesOtherTrafficAlone() {
        assertThat(fate(rule(32000, false, POD), POD, "10.244.2.2", 3000))
                .isEqualTo("[] from the client");
        assertThat(fate(rule(32000, false, POD), POD, "10.89.0.12", 32000))
                .isEqualTo("[] from the client");
    }

    private static String fate(ServiceRule rule, String source, String destination, int port) {
        String text = NftablesText.of(new RuleSet(List.of(rule)), NODE);
        return new PacketTracer(text, NODE).trace(source, destination, "tcp", port).toString();
    }

    private static ServiceRule rule(int nodePort, boolean keepsSource, String... backends) {
        List<Backend> list =
                List.of(backends).stream().map(address -> new Backend(address, 3000)).toList();
        return new ServiceRule(
                "default/web:80",
                Protocol.TCP,
                List.of("10.96.0.7"),
                80,
                nodePort,
                list,
                list,
                keepsSource,
                false);
    }
}
