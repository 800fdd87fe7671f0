package dev.coracle.cloudlb.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceTranslationTest {

    @Test
    void leadsEachPortToItsNodePortOnTheReadyNodes() {
        var request =
                ServiceTranslation.request(
                        service().build(),
                        List.of(
                                node("b", true).build(),
                                node("a", true).build(),
                                node("c", false).build()));
        assertThat(request.get("name")).isEqualTo("a1234");
        assertThat(request.get("listeners"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "name",
                                        "http",
                                        "protocol",
                                        "TCP",
                                        "port",
                                        80,
                                        "targetPort",
                                        30080)));
        assertThat(request.get("targets"))
                .isEqualTo(
                        List.of(
                                Map.of("name", "a", "address", "10.89.0.1"),
                                Map.of("name", "b", "address", "10.89.0.1")));
    }

    @Test
    void leavesOutNodesThatAreExcluded() {
        Node excluded =
                node("a", true)
                        .editMetadata()
                        .addToLabels("node.kubernetes.io/exclude-from-external-load-balancers", "")
                        .endMetadata()
                        .build();
        Node included =
                node("b", true)
                        .editMetadata()
                        .addToLabels(
                                "node.kubernetes.io/exclude-from-external-load-balancers", "false")
                        .endMetadata()
                        .build();
        assertThat(ServiceTranslation.targets(List.of(excluded, included)))
                .extracting(t -> t.get("name"))
                .containsExactly("b");
    }

    @Test
    void asksEachNodeForItsOwnEndpointsWithTheLocalPolicy() {
        Service local =
                service()
                        .editSpec()
                        .withExternalTrafficPolicy("Local")
                        .withHealthCheckNodePort(31000)
                        .endSpec()
                        .build();
        assertThat(ServiceTranslation.request(local, List.of()).get("healthCheck"))
                .asInstanceOf(
                        org.assertj.core.api.InstanceOfAssertFactories.map(
                                String.class, Object.class))
                .containsEntry("port", 31000);
    }

    @Test
    void asksForTheAddressItHasSoThatARestartKeepsIt() {
        Service had =
                service()
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("10.88.0.7")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()
                        .build();
        assertThat(ServiceTranslation.wantedAddress(had)).isEqualTo("10.88.0.7");
        Service wants =
                new ServiceBuilder(had)
                        .editSpec()
                        .withLoadBalancerIP("10.88.0.9")
                        .endSpec()
                        .build();
        assertThat(ServiceTranslation.wantedAddress(wants)).isEqualTo("10.88.0.9");
    }

    @Test
    void servesNoServiceOfAnotherClassOrType() {
        assertThat(ServiceTranslation.isWanted(service().build())).isTrue();
        assertThat(
                        ServiceTranslation.isWanted(
                                service()
                                        .editSpec()
                                        .withLoadBalancerClass("example.com/other")
                                        .endSpec()
                                        .build()))
                .isFalse();
        assertThat(
                        ServiceTranslation.isWanted(
                                service().editSpec().withType("NodePort").endSpec().build()))
                .isFalse();
        assertThat(
                        ServiceTranslation.isWanted(
                                service()
                                        .editMetadata()
                                        .withDeletionTimestamp("2026-01-01T00:00:00Z")
                                        .endMetadata()
                                        .build()))
                .isFalse();
    }

    @Test
    void refusesOtherProtocolsByName() {
        Service sctp =
                service()
                        .editSpec()
                        .editFirstPort()
                        .withProtocol("SCTP")
                        .endPort()
                        .endSpec()
                        .build();
        assertThat(ServiceTranslation.findRefusal(sctp))
                .contains("protocol SCTP of port 80 is not supported");
    }

    private static ServiceBuilder service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web")
                .withUid("12-34")
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(80)
                .withNodePort(30080)
                .endPort()
                .endSpec();
    }

    private static NodeBuilder node(String name, boolean ready) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewAddress("10.89.0.1", "InternalIP")
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "Unknown")
                .endCondition()
                .endStatus();
    }
}
