package dev.coracle.cluster.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import org.junit.jupiter.api.Test;

class ServiceNotesTest {

    @Test
    void saysNothingInNamespacesOfTheHost() {
        assertThat(ServiceNotes.of(service("10.96.0.7", "10.88.0.2"), new Outside(Fabric.NETNS, 0)))
                .isEmpty();
    }

    @Test
    void saysWhereABalancersAddressIsOutsideOfAUserNamespace() {
        assertThat(
                        ServiceNotes.of(
                                service("10.96.0.7", "10.88.0.2"),
                                new Outside(Fabric.ROOTLESS, 1024)))
                .containsExactly("load balancer 10.88.0.2:80 is 127.88.0.2:10080 on this machine");
    }

    @Test
    void saysAtWhichPortsServicesAreOnLoopback() {
        assertThat(
                        ServiceNotes.of(
                                service("127.96.0.7", "127.88.0.2"),
                                new Outside(Fabric.LOOPBACK, 1024)))
                .containsExactly(
                        "port 80 is served at 127.96.0.7:10080",
                        "load balancer 127.88.0.2:80 is 127.88.0.2:10080 on this machine",
                        "external address 203.0.113.7 is not served on loopback");
    }

    private static Service service(String clusterIp, String balancer) {
        return new ServiceBuilder()
                .withNewSpec()
                .withClusterIP(clusterIp)
                .withExternalIPs("203.0.113.7")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp(balancer)
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build();
    }
}
