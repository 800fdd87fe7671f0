package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ServiceTopologyTest {

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
        assertThat(rule.name()).isEqualTo("default/web:80");
        assertThat(rule.addresses()).containsExactly("10.96.0.7");
        assertThat(rule.nodePort()).isEqualTo(32000);
        assertThat(rule.backends()).containsExactly(new Backend("10.244.1.2", 3000));
    }

    @Test
    void usesServingEndpointsThatTerminateOnlyWhenNoneIsReady() {
        EndpointSlice terminating = slice(endpoint("10.244.1.2", "node-1", false, true, true));
        assertThat(onlyRule(SERVICE, terminating).backends()).hasSize(1);
        EndpointSlice both =
                slice(
                        endpoint("10.244.1.2", "node-1", false, true, true),
                        endpoint("10.244.2.2", "node-2", true, true, false));
        assertThat(onlyRule(SERVICE, both).backends())
                .containsExactly(new Backend("10.244.2.2", 3000));
    }

    @Test
    void refusesAServiceWithoutEndpoints() {
        assertThat(ServiceTopology.ruleSet(List.of(SERVICE), List.of(), "node-1").rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.backends()).isEmpty());
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
            assertThat(rule.nodePortBackends()).containsExactly(new Backend("10.244.1.2", 3000));
            assertThat(rule.backends()).hasSize(2);
            assertThat(rule.keepsSource()).isTrue();
        }

        @Test
        void keepsClusterTrafficOnTheNode() {
            Service local =
                    new ServiceBuilder(SERVICE)
                            .editSpec()
                            .withInternalTrafficPolicy("Local")
                            .endSpec()
                            .build();
            assertThat(onlyRule(local, slice).backends())
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
        assertThat(onlyRule(balanced, slice()).addresses())
                .containsExactly("10.96.0.7", "10.88.0.1");
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
        assertThat(
                        ServiceTopology.ruleSet(
                                        List.of(headless, elsewhere, alias), List.of(), "node-1")
                                .rules())
                .isEmpty();
    }

    private static ServiceRule onlyRule(Service service, EndpointSlice slice) {
        return ServiceTopology.ruleSet(List.of(service), List.of(slice), "node-1")
                .rules()
                .getFirst();
    }

    private static EndpointSlice slice(
            io.fabric8.kubernetes.api.model.discovery.v1.Endpoint... endpoints) {
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

    private static io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint(
            String address, String node, boolean ready, boolean serving, boolean terminating) {
        return new io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder()
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
