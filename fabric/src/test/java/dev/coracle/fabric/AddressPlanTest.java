package dev.coracle.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressPlanTest {

    private final AddressPlan plan = AddressPlan.defaults();

    @Test
    void givesEachPartItsFixedAddress() {
        assertThat(plan.apiServer()).isEqualTo("10.89.0.1");
        assertThat(plan.host()).isEqualTo("10.89.0.2");
        assertThat(plan.dnsService()).isEqualTo("10.89.0.3");
        assertThat(plan.ingressGateway()).isEqualTo("10.89.0.4");
        assertThat(plan.node(1)).isEqualTo("10.89.0.11");
        assertThat(plan.kubernetesClusterIp()).isEqualTo("10.96.0.1");
        assertThat(plan.dnsClusterIp()).isEqualTo("10.96.0.10");
    }

    @Test
    void refusesRangesThatOverlap() {
        assertThatThrownBy(() ->
                        new AddressPlan(
                                Cidr.of("10.96.7.0/24"),
                                plan.pods(),
                                plan.services(),
                                plan.loadBalancers()))
                .hasMessageContaining("services, 10.96.0.0/16, overlaps that of the nodes");
    }

    @Test
    void refusesANodeThatHasNoRoom() {
        assertThat(plan.node(244)).isEqualTo("10.89.0.254");
        assertThatThrownBy(() -> plan.node(245)).hasMessageContaining("1 to 244");
    }

    @Test
    void saysWhichRouteOfTheHostConflicts() {
        assertThat(
                        plan.conflictsWith(
                                List.of(
                                        new AddressPlan.Taken(
                                                Cidr.of("10.88.0.0/16"),
                                                "route 10.88.0.0/16 dev cni0"))))
                .containsExactly(
                        "10.88.0.0/24 is already used by this host: route 10.88.0.0/16 dev cni0");
    }

    @Test
    void refusesTextThatIsNoRange() {
        assertThatThrownBy(() -> Cidr.of("10.89.0.0")).hasMessageContaining("'10.89.0.0'");
        assertThatThrownBy(() -> Cidr.of("10.89.0.300/24")).hasMessageContaining("above 255");
        assertThatThrownBy(() -> Cidr.of("10.89.0.1/24")).hasMessageContaining("10.89.0.0");
        assertThatThrownBy(() -> Cidr.of("10.89.0.0/33")).hasMessageContaining("33");
    }

    @Test
    void knowsWhatARangeContains() {
        assertThat(Cidr.of("10.89.0.0/24").contains("10.89.0.255")).isTrue();
        assertThat(Cidr.of("10.89.0.0/24").contains("10.89.1.0")).isFalse();
        assertThat(Cidr.of("0.0.0.0/0").contains("192.0.2.1")).isTrue();
        assertThat(Cidr.of("10.89.0.0/24").contains("example.com")).isFalse();
    }
}
