package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.UserPorts;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopbackRulesTest {

    private static final UserPorts USERS = new UserPorts(1024);
    private static final Backend HERE = new Backend("127.244.0.2", 8080);
    private static final Backend THERE = new Backend("127.244.1.2", 8080);

    @Test
    void movesPortsThatAUserMayNotOpen() {
        assertThat(applied(new Front(Kind.CLUSTER, "127.96.0.5", 80)).fronts())
                .containsExactly(new Front(Kind.CLUSTER, "127.96.0.5", 10080));
        assertThat(applied(new Front(Kind.NODE, "127.89.0.11", 30080)).fronts())
                .containsExactly(new Front(Kind.NODE, "127.89.0.11", 30080));
    }

    @Test
    void leavesTheLoadBalancersAddressesToTheLoadBalancer() {
        assertThat(applied(new Front(Kind.BALANCER, "127.88.0.1", 80)).fronts()).isEmpty();
    }

    @Test
    void leavesOutAddressesThatAreNotTheHosts() {
        assertThat(applied(new Front(Kind.EXTERNAL, "203.0.113.7", 80)).fronts()).isEmpty();
    }

    @Test
    void usesAllBackendsAtTheClusterIpWhateverThePolicy() {
        Front front = new Front(Kind.CLUSTER, "127.96.0.5", 8080);

        assertThat(applied(front).backends(front, true)).containsExactly(HERE, THERE);
    }

    @Test
    void asksThePolicyForExternalTrafficAtNodePorts() {
        Front front = new Front(Kind.NODE, "127.89.0.11", 30080);

        assertThat(applied(front).backends(front, false)).containsExactly(HERE);
    }

    @Test
    void showsPodsTheMovedPorts() {
        var service =
                new ServiceBuilder()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(443)
                        .endPort()
                        .endSpec()
                        .build();

        assertThat(LoopbackRules.asReached(service, USERS).getSpec().getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getPort()).isEqualTo(10443));
    }

    /** A Service with both policies Local, whose pods are on this node and on another. */
    private static ServiceRule applied(Front front) {
        ServiceRule rule =
                new ServiceRule(
                        "default/web:80/tcp",
                        Protocol.TCP,
                        List.of(front),
                        new Targets(List.of(HERE), List.of(HERE, THERE), List.of(HERE), true),
                        0,
                        List.of(Cidr.of("10.0.0.0/8")));
        return LoopbackRules.of(new RuleSet.Change(List.of(rule), List.of()), USERS)
                .wanted()
                .getFirst();
    }
}
