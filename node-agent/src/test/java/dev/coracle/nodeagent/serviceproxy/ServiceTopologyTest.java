package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ServiceTopologyTest {

    private static final NodeView NODE = new NodeView("node-1", "");
    private static final List<String> ADDRESSES = List.of("10.89.0.11");

    private static final Service SERVICE =
            new ServiceBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName("web")
                    .endMetadata()
                    .withNewSpec()
                    .withClusterIP("10.96.0.7")
                    .withType("NodePort")
                    .addNewPort()
                    .withPort(80)
                    .withNodePort(32000)
                    .withProtocol("TCP")
                    .endPort()
                    .endSpec()
                    .build();

    @Test
    void sendsToTheEndpointsPortOfReadyEndpoints() {
        EndpointSlice slice =
                slice(
                        endpoint("10.244.1.2", "node-1", true, true, false),
                        endpoint("10.244.2.2", "node-2", false, false, false));
        ServiceRule rule = onlyRule(SERVICE, slice);
        assertThat(rule.name()).isEqualTo("default/web:80/tcp");
        assertThat(rule.fronts())
                .containsExactly(
                        new Front(Kind.CLUSTER, "10.96.0.7", 80),
                        new Front(Kind.NODE, "10.89.0.11", 32000));
        assertThat(rule.targets().internal()).containsExactly(new Backend("10.244.1.2", 3000));
    }

    @Test
    void usesServingEndpointsThatTerminateOnlyWhenNoneIsReady() {
        EndpointSlice terminating = slice(endpoint("10.244.1.2", "node-1", false, true, true));
        assertThat(onlyRule(SERVICE, terminating).targets().internal()).hasSize(1);
        EndpointSlice both =
                slice(
                        endpoint("10.244.1.2", "node-1", false, true, true),
                        endpoint("10.244.2.2", "node-2", true, true, false));
        assertThat(onlyRule(SERVICE, both).targets().internal())
                .containsExactly(new Backend("10.244.2.2", 3000));
    }

    @Test
    void refusesAServiceWithoutEndpoints() {
        assertThat(ServiceTopology.rules(SERVICE, List.of(), NODE, ADDRESSES))
                .singleElement()
                .satisfies(rule -> assertThat(rule.targets().internal()).isEmpty());
    }

    @Nested
    class WithPolicyLocal {

        private final EndpointSlice slice =
                slice(
                        endpoint("10.244.1.2", "node-1", true, true, false),
                        endpoint("10.244.2.2", "node-2", true, true, false));

        @Test
        void keepsNodePortsOnTheNodeAndTheSource() {
            Service local =
                    new ServiceBuilder(SERVICE)
                            .editSpec()
                            .withExternalTrafficPolicy("Local")
                            .endSpec()
                            .build();
            ServiceRule rule = onlyRule(local, slice);
            assertThat(rule.targets().outside()).containsExactly(new Backend("10.244.1.2", 3000));
            assertThat(rule.targets().internal()).hasSize(2);
            assertThat(rule.targets().keepsSource()).isTrue();
        }

        @Test
        void keepsClusterTrafficOnTheNode() {
            Service local =
                    new ServiceBuilder(SERVICE)
                            .editSpec()
                            .withInternalTrafficPolicy("Local")
                            .endSpec()
                            .build();
            assertThat(onlyRule(local, slice).targets().internal())
                    .containsExactly(new Backend("10.244.1.2", 3000));
        }
    }

    @Test
    void servesLoadBalancerAddressesAsItsOwn() {
        Service balanced =
                new ServiceBuilder(SERVICE)
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("10.88.0.1")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()
                        .build();
        assertThat(onlyRule(balanced, slice()).fronts())
                .contains(new Front(Kind.BALANCER, "10.88.0.1", 80));
    }

    @Test
    void servesExternalAddressesAndReadsTheRestOfTheSpec() {
        Service service =
                new ServiceBuilder(SERVICE)
                        .editSpec()
                        .withExternalIPs("203.0.113.5", "fd00::5")
                        .withLoadBalancerSourceRanges(" 10.1.2.3/8", "fd00::/8")
                        .withSessionAffinity("ClientIP")
                        .withNewSessionAffinityConfig()
                        .withNewClientIP()
                        .withTimeoutSeconds(125)
                        .endClientIP()
                        .endSessionAffinityConfig()
                        .endSpec()
                        .build();
        ServiceRule rule = onlyRule(service, slice());
        assertThat(rule.fronts()).contains(new Front(Kind.EXTERNAL, "203.0.113.5", 80)).hasSize(3);
        assertThat(rule.sourceRanges()).containsExactly(Cidr.of("10.0.0.0/8"));
        assertThat(rule.affinitySeconds()).isEqualTo(125);
    }

    @Nested
    class WithZones {

        private final EndpointSlice hinted =
                slice(
                        forZone(endpoint("10.244.1.2", "node-1", true, true, false), "east"),
                        forZone(endpoint("10.244.2.2", "node-2", true, true, false), "west"));

        @Test
        void usesTheEndpointsForItsZone() {
            assertThat(backends(hinted, "east")).containsExactly(new Backend("10.244.1.2", 3000));
        }

        @Test
        void usesAllWhenNoneIsForItsZoneOrOneIsForNone() {
            assertThat(backends(hinted, "south")).hasSize(2);
            assertThat(backends(hinted, "")).hasSize(2);
            EndpointSlice partly =
                    slice(
                            forZone(endpoint("10.244.1.2", "node-1", true, true, false), "east"),
                            endpoint("10.244.2.2", "node-2", true, true, false));
            assertThat(backends(partly, "east")).hasSize(2);
        }

        private List<Backend> backends(EndpointSlice slice, String zone) {
            return ServiceTopology.rules(
                            SERVICE, List.of(slice), new NodeView("node-1", zone), ADDRESSES)
                    .getFirst()
                    .targets()
                    .internal();
        }
    }

    @Test
    void takesNamedPortsThatDifferPerSliceAndHandMadeSlices() {
        EndpointSlice other =
                new EndpointSliceBuilder(slice(endpoint("10.9.9.9", "", true, true, false)))
                        .editPort(0)
                        .withPort(4000)
                        .endPort()
                        .build();
        assertThat(
                        ServiceTopology.rules(
                                        SERVICE,
                                        List.of(
                                                slice(
                                                        endpoint(
                                                                "10.244.1.2",
                                                                "node-1",
                                                                true,
                                                                true,
                                                                false)),
                                                other),
                                        NODE,
                                        ADDRESSES)
                                .getFirst()
                                .targets()
                                .internal())
                .containsExactly(new Backend("10.244.1.2", 3000), new Backend("10.9.9.9", 4000));
    }

    @Test
    void leavesOutServicesThatAreNotItsOwn() {
        Service headless =
                new ServiceBuilder(SERVICE).editSpec().withClusterIP("None").endSpec().build();
        Service elsewhere =
                new ServiceBuilder(SERVICE)
                        .editMetadata()
                        .addToLabels("service.kubernetes.io/service-proxy-name", "mine")
                        .endMetadata()
                        .build();
        Service alias =
                new ServiceBuilder(SERVICE).editSpec().withType("ExternalName").endSpec().build();
        for (Service service : List.of(headless, elsewhere, alias)) {
            assertThat(ServiceTopology.rules(service, List.of(), NODE, ADDRESSES)).isEmpty();
        }
    }

    /** Go writes an empty list as null. */
    @Test
    void takesASliceWithoutEndpoints() {
        EndpointSlice empty = slice();
        empty.setEndpoints(null);
        empty.setPorts(null);
        assertThat(onlyRule(SERVICE, empty).targets().internal()).isEmpty();
    }

    private static ServiceRule onlyRule(Service service, EndpointSlice slice) {
        return ServiceTopology.rules(service, List.of(slice), NODE, ADDRESSES).getFirst();
    }

    private static Endpoint forZone(Endpoint endpoint, String zone) {
        return new EndpointBuilder(endpoint).withNewHints().addNewForZone(zone).endHints().build();
    }

    private static EndpointSlice slice(Endpoint... endpoints) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web-1")
                .addToLabels("kubernetes.io/service-name", "web")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("")
                .withPort(3000)
                .withProtocol("TCP")
                .endPort()
                .withEndpoints(endpoints)
                .build();
    }

    private static Endpoint endpoint(
            String address, String node, boolean ready, boolean serving, boolean terminating) {
        return new EndpointBuilder()
                .withAddresses(address)
                .withNodeName(node)
                .withNewConditions()
                .withReady(ready)
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions()
                .build();
    }
}
