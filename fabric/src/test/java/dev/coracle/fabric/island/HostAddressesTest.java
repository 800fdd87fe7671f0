package dev.coracle.fabric.island;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.AddressPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostAddressesTest {

    @Test
    void leavesOutTheDefaultRouteAndWhatWeMade() {
        String routes =
                """
                default via 192.0.2.1 dev eth0
                10.88.0.0/16 dev cni0 proto kernel scope link src 10.88.0.1
                unreachable 10.244.0.0/16 proto 167
                10.89.0.0/24 dev coracle-host proto kernel scope link src 10.89.0.2
                local 10.89.0.2 dev coracle-host table local proto kernel scope host
                local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1
                """;
        assertThat(HostAddresses.parse(routes, new FabricPlan("coracle", AddressPlan.defaults())))
                .extracting(taken -> taken.range().toString())
                .isEqualTo(List.of("10.88.0.0/16", "127.0.0.1/32"));
    }
}
