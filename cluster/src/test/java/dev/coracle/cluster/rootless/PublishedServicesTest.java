package dev.coracle.cluster.rootless;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedServicesTest {

    private static final List<String> NODES = List.of("10.89.0.11", "10.89.0.12");

    @Test
    void publishesBalancerAddressesAndNodePortsOfEveryNode() {
        var service =
                new ServiceBuilder()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(53)
                        .withProtocol("UDP")
                        .withNodePort(30053)
                        .endPort()
                        .endSpec()
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("10.88.0.3")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()
                        .build();

        assertThat(PublishedServices.of(service, NODES))
                .containsExactly(
                        new Target("udp", "10.88.0.3", 53),
                        new Target("udp", "10.89.0.11", 30053),
                        new Target("udp", "10.89.0.12", 30053));
    }

    @Test
    void publishesNothingOfAServiceInsideTheCluster() {
        var service =
                new ServiceBuilder()
                        .withNewSpec()
                        .withClusterIP("10.96.0.9")
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build();

        assertThat(PublishedServices.of(service, NODES)).isEmpty();
    }
}
