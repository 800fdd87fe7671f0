package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeleteOptions.Propagation;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.status.ApiException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

class ServiceResourceTest {

    private final RegistryFixture services =
            new RegistryFixture(
                    new ServiceStrategy(
                            new ClusterIpAllocator("10.96.0.0/24", new Random(1)),
                            new NodePortAllocator(new Random(1))));

    @AfterEach
    void close() {
        services.close();
    }

    private static int nodePort(ApiObject service) {
        return Json.objects(service.at("spec.ports")).getFirst().path("nodePort").asInt(0);
    }

    private static final String TYPED =
            "{metadata: {name: %s}, spec: {type: %s, externalName: a.example, ports: [{port: 80}]}}";

    /** Whether a Service of the type has a cluster IP, and a node port. */
    private static void assertHolds(ApiObject service, String type) {
        assertThat(service.text("spec.clusterIP").isEmpty()).isEqualTo(type.equals("ExternalName"));
        assertThat(service.at("spec.ipFamilies").isMissingNode())
                .isEqualTo(type.equals("ExternalName"));
        assertThat(nodePort(service) != 0)
                .isEqualTo(type.equals("NodePort") || type.equals("LoadBalancer"));
        assertThat(service.at("spec.allocateLoadBalancerNodePorts").isMissingNode())
                .isEqualTo(!type.equals("LoadBalancer"));
        assertThat(service.text("spec.externalTrafficPolicy"))
                .isEqualTo(type.equals("NodePort") || type.equals("LoadBalancer") ? "Cluster" : "");
    }

    static Stream<Arguments> typeChanges() {
        List<String> types = List.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
        return types.stream()
                .flatMap(from ->
                        types.stream().map(to -> argumentSet(from + " to " + to, from, to)));
    }

    @ParameterizedTest
    @MethodSource("typeChanges")
    void changesItsTypeInEveryDirection(String from, String to) {
        ApiObject service = services.create(TYPED.formatted("a", from));
        assertHolds(service, from);
        ApiObject changed = retyped(service, to);
        assertHolds(changed, to);
        if (!from.equals("ExternalName") && !to.equals("ExternalName")) {
            assertThat(changed.text("spec.clusterIP")).isEqualTo(service.text("spec.clusterIP"));
        }
        if (nodePort(service) != 0 && nodePort(changed) != 0) {
            assertThat(nodePort(changed)).isEqualTo(nodePort(service));
        }
        // whatever it no longer holds is free
        if (to.equals("ExternalName") && !from.equals("ExternalName")) {
            assertThat(
                            services.create(
                                            "{metadata: {name: b}, spec: {clusterIP: %s, ports: [{port: 1}]}}"
                                                    .formatted(service.text("spec.clusterIP")))
                                    .text("spec.clusterIP"))
                    .isEqualTo(service.text("spec.clusterIP"));
        }
    }

    @Test
    void refusesWhatATypeChangeWouldDropWhenItIsChangedAsWell() {
        ApiObject service = services.create(TYPED.formatted("a", "NodePort"));
        assertThatThrownBy(() ->
                        services.update(
                                service,
                                current -> {
                                    current.spec().put("type", "ClusterIP");
                                    Json.objects(current.at("spec.ports"))
                                            .getFirst()
                                            .put("nodePort", 30001);
                                    return current;
                                }))
                .hasMessageContaining("may not be used when `type` is 'ClusterIP'");
    }

    @Test
    void clearsTheBalancersStatusWithItsType() {
        ApiObject service = services.create(TYPED.formatted("a", "LoadBalancer"));
        ApiObject served =
                services.update(
                        service.key(),
                        Registry.Scope.STATUS,
                        current -> {
                            current.status()
                                    .putObject("loadBalancer")
                                    .putArray("ingress")
                                    .addObject()
                                    .put("ip", "10.88.0.1");
                            return current;
                        });
        assertThat(served.at("status.loadBalancer.ingress")).hasSize(1);
        assertThat(retyped(served, "NodePort").at("status.loadBalancer")).isEmpty();
    }

    @Test
    void hasAHealthCheckPortWhileItIsLocal() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}}");
        int port = service.at("spec.healthCheckNodePort").asInt(0);
        assertThat(port).isBetween(30000, 32767).isNotEqualTo(nodePort(service));
        ApiObject same =
                services.update(
                        service,
                        current -> {
                            current.spec().remove("healthCheckNodePort");
                            return current;
                        });
        assertThat(same.at("spec.healthCheckNodePort").asInt(0)).isEqualTo(port);
        assertThatThrownBy(() ->
                        services.update(
                                same,
                                current -> {
                                    current.spec().put("healthCheckNodePort", 30007);
                                    return current;
                                }))
                .hasMessageContaining("spec.healthCheckNodePort: Forbidden: field is immutable");
        ApiObject cluster =
                services.update(
                        same,
                        current -> {
                            current.spec().put("externalTrafficPolicy", "Cluster");
                            return current;
                        });
        assertThat(cluster.at("spec.healthCheckNodePort").isMissingNode()).isTrue();
        assertThat(
                        services.create(
                                        "{metadata: {name: b}, spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: %d, ports: [{port: 80}]}}"
                                                .formatted(port))
                                .at("spec.healthCheckNodePort")
                                .asInt(0))
                .isEqualTo(port);
    }

    @Test
    void givesABalancerNoNodePortsWhenToldSo() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{name: a, port: 80}, {name: b, port: 81, nodePort: 30080}]}}");
        assertThat(nodePort(service)).isZero();
        ApiObject allocated =
                services.update(
                        service,
                        current -> {
                            current.spec().put("allocateLoadBalancerNodePorts", true);
                            return current;
                        });
        assertThat(nodePort(allocated)).isNotZero();
    }

    @Test
    void servesTwoProtocolsOnOneNodePort() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {type: NodePort, ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}}");
        List<ObjectNode> ports = Json.objects(service.at("spec.ports"));
        assertThat(ports.get(0).path("nodePort")).isEqualTo(ports.get(1).path("nodePort"));
    }

    @Test
    void keepsTheNodePortOfAPortThatChangesItsNumber() {
        ApiObject service = services.create(TYPED.formatted("a", "NodePort"));
        ApiObject changed =
                services.update(
                        service,
                        current -> {
                            current.spec().putArray("ports").addObject().put("port", 8080);
                            return current;
                        });
        assertThat(nodePort(changed)).isEqualTo(nodePort(service));
    }

    @Test
    void namesBothFamiliesWhenHeadlessWithoutASelector() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {clusterIP: None, ports: [{port: 80}]}}");
        assertThat(service.text("spec.ipFamilyPolicy")).isEqualTo("RequireDualStack");
        assertThat(Json.texts(service.at("spec.ipFamilies"))).containsExactly("IPv4", "IPv6");
    }

    @Test
    void givesBackWhatNobodyHoldsOnlyWhenSeenTwice() {
        ClusterIpAllocator addresses = new ClusterIpAllocator("10.96.0.0/24", new Random(1));
        ServiceStrategy strategy =
                new ServiceStrategy(addresses, new NodePortAllocator(new Random(1)));
        assertThat(addresses.take("10.96.0.9")).isTrue();
        assertThat(addresses.take("10.96.0.10")).isTrue();
        strategy.repair(List.of(), Set.of("10.96.0.10"));
        assertThat(addresses.take("10.96.0.9")).isFalse();
        strategy.repair(List.of(), Set.of("10.96.0.10"));
        assertThat(addresses.take("10.96.0.9")).isTrue();
        assertThat(addresses.take("10.96.0.10")).isFalse();
    }

    private ApiObject retyped(ApiObject service, String type) {
        return services.update(
                service,
                current -> {
                    current.spec().put("type", type);
                    return current;
                });
    }

    @Test
    void getsAClusterIpAndDefaults() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {selector: {app: a}, ports: [{port: 80}]}}");
        assertThat(service.text("spec.clusterIP")).startsWith("10.96.0.");
        assertThat(Json.texts(service.at("spec.clusterIPs")))
                .containsExactly(service.text("spec.clusterIP"));
        ObjectNode port = Json.objects(service.at("spec.ports")).getFirst();
        assertThat(port.path("targetPort").asInt()).isEqualTo(80);
        assertThat(port.path("protocol").asString()).isEqualTo("TCP");
        assertThat(service.text("spec.type")).isEqualTo("ClusterIP");
    }

    @Test
    void staysHeadless() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {clusterIP: None, selector: {app: a}, ports: [{port: 80}]}}");
        assertThat(service.text("spec.clusterIP")).isEqualTo("None");
    }

    @Test
    void keepsItsAddressWhenAnUpdateLeavesItOut() {
        ApiObject service = services.create("{metadata: {name: a}, spec: {ports: [{port: 80}]}}");
        ApiObject updated =
                services.update(
                        service,
                        current -> {
                            current.spec().remove("clusterIP");
                            current.spec().remove("clusterIPs");
                            current.spec().putObject("selector").put("b", "c");
                            return current;
                        });
        assertThat(updated.text("spec.clusterIP")).isEqualTo(service.text("spec.clusterIP"));
    }

    @Test
    void givesBackWhatATypeChangeNoLongerWants() {
        ApiObject service =
                services.create(
                        "{metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80, nodePort: 32000}]}}");
        String address = service.text("spec.clusterIP");
        ApiObject plain = retyped(service, "ClusterIP");
        assertThat(nodePort(plain)).isZero();
        assertThat(plain.text("spec.clusterIP")).isEqualTo(address);
        ApiObject second =
                services.create(
                        "{metadata: {name: b}, spec: {type: NodePort, ports: [{port: 80, nodePort: 32000}]}}");
        assertThat(nodePort(second)).isEqualTo(32000);
    }

    @Test
    void releasesEverythingWhenDeleted() {
        String yaml =
                "{metadata: {name: a}, spec: {type: NodePort, clusterIP: 10.96.0.77, ports: [{port: 80, nodePort: 32001}]}}";
        services.delete(services.create(yaml), Propagation.BACKGROUND);
        assertThat(nodePort(services.create(yaml))).isEqualTo(32001);
    }

    @Test
    void takesNothingInADryRun() {
        ApiObject object =
                services.object(
                        "{metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80, nodePort: 32002}]}}");
        services.strategy.applyDefaults(object);
        services.registry
                .create(services.strategy, object, new WriteOptions(true, "test", ""))
                .block();
        assertThat(
                        nodePort(
                                services.create(
                                        "{metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80, nodePort: 32002}]}}")))
                .isEqualTo(32002);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet(
                        "a node port out of range",
                        "{type: NodePort, ports: [{port: 80, nodePort: 99}]}",
                        "spec.ports[0].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767"),
                argumentSet(
                        "a node port that is taken",
                        "{type: NodePort, ports: [{port: 80, nodePort: 32100}]}",
                        "spec.ports[0].nodePort: Invalid value: 32100: provided port is already allocated"),
                argumentSet("no ports", "{selector: {a: b}}", "spec.ports: Required value"),
                argumentSet(
                        "an unknown type",
                        "{type: Frob, ports: [{port: 80}]}",
                        "spec.type: Unsupported value: \"Frob\""),
                argumentSet(
                        "a port out of range",
                        "{ports: [{port: 70000}]}",
                        "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive"),
                argumentSet(
                        "two ports without names",
                        "{ports: [{port: 80}, {port: 81}]}",
                        "spec.ports[0].name: Required value"),
                argumentSet(
                        "no external name",
                        "{type: ExternalName}",
                        "spec.externalName: Required value"),
                argumentSet(
                        "an address outside the range",
                        "{clusterIP: 10.1.2.3, ports: [{port: 80}]}",
                        "spec.clusterIPs: Invalid value: [\"10.1.2.3\"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range"),
                argumentSet(
                        "an address that is taken",
                        "{clusterIP: 10.96.0.77, ports: [{port: 80}]}",
                        "failed to allocate IP 10.96.0.77: provided IP is already allocated"),
                argumentSet(
                        "addresses without the first of them",
                        "{clusterIPs: [10.96.0.5], ports: [{port: 80}]}",
                        "spec.clusterIPs: Invalid value: [\"10.96.0.5\"]: first value must match `clusterIP`"),
                argumentSet(
                        "None among others",
                        "{clusterIP: None, clusterIPs: [None, 10.96.0.5], ports: [{port: 80}]}",
                        "'None' must be the first and only value"),
                argumentSet(
                        "an IPv6 address",
                        "{clusterIP: 'fd00::1', ports: [{port: 80}]}",
                        "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"),
                argumentSet(
                        "the family IPv6",
                        "{ipFamilies: [IPv6], ports: [{port: 80}]}",
                        "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"),
                argumentSet(
                        "two stacks",
                        "{ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
                        "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services"),
                argumentSet(
                        "two families with one stack",
                        "{ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}",
                        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
                argumentSet(
                        "an unknown family",
                        "{ipFamilies: [IPv5], ports: [{port: 80}]}",
                        "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\""),
                argumentSet(
                        "a family twice",
                        "{ipFamilies: [IPv4, IPv4], ports: [{port: 80}]}",
                        "spec.ipFamilies[1]: Duplicate value: \"IPv4\""),
                argumentSet(
                        "an address for an external name",
                        "{type: ExternalName, externalName: a.b, clusterIP: 10.96.0.5}",
                        "spec.clusterIPs: Forbidden: may not be set for ExternalName services"),
                argumentSet(
                        "an external name that is none",
                        "{type: ExternalName, externalName: a_b.}",
                        "spec.externalName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of"),
                argumentSet(
                        "a node port of a cluster address",
                        "{ports: [{port: 80, nodePort: 30001}]}",
                        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
                argumentSet(
                        "a node port twice",
                        "{type: NodePort, ports: [{name: a, port: 80, nodePort: 30001}, {name: b, port: 81, nodePort: 30001}]}",
                        "spec.ports[1].nodePort: Duplicate value: 30001"),
                argumentSet(
                        "a port twice",
                        "{ports: [{name: a, port: 80}, {name: b, port: 80}]}",
                        "spec.ports[1]: Duplicate value: core.ServicePort{Name:\"\", Protocol:\"TCP\", AppProtocol:(*string)(nil), Port:80,"),
                argumentSet(
                        "an outside policy without an outside",
                        "{externalTrafficPolicy: Local, ports: [{port: 80}]}",
                        "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services"),
                argumentSet(
                        "a health check port without health checks",
                        "{type: LoadBalancer, healthCheckNodePort: 30002, ports: [{port: 80}]}",
                        "spec.healthCheckNodePort: Invalid value: 30002: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
                argumentSet(
                        "a health check port that is taken",
                        "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 32100, ports: [{port: 80}]}",
                        "failed to allocate requested HealthCheck NodePort 32100: provided port is already allocated"),
                argumentSet(
                        "node ports asked for of another type",
                        "{allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
                        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'"),
                argumentSet(
                        "a timeout out of range",
                        "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}, ports: [{port: 80}]}",
                        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400"),
                argumentSet(
                        "an unknown distribution",
                        "{trafficDistribution: Far, ports: [{port: 80}]}",
                        "spec.trafficDistribution: Unsupported value: \"Far\": supported values: \"PreferClose\""),
                argumentSet(
                        "a malformed application protocol",
                        "{ports: [{port: 80, appProtocol: 'a b'}]}",
                        "spec.ports[0].appProtocol: Invalid value: \"a b\""),
                argumentSet(
                        "an address with leading zeros",
                        "{clusterIP: 10.096.0.1, ports: [{port: 80}]}",
                        "spec.clusterIPs[0]: Invalid value: \"10.096.0.1\""));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String spec, String message) {
        services.create(
                "{metadata: {name: taken}, spec: {type: NodePort, clusterIP: 10.96.0.77, ports: [{port: 80, nodePort: 32100}]}}");
        assertThatThrownBy(() -> services.create("{metadata: {name: a}, spec: " + spec + "}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(message);
        assertThat(services.cache.snapshot("services").objects()).hasSize(1);
    }

    @Test
    void refusesToChangeTheClusterIp() {
        ApiObject service = services.create("{metadata: {name: a}, spec: {ports: [{port: 80}]}}");
        assertThatThrownBy(() ->
                        services.update(
                                service,
                                current -> {
                                    current.spec().put("clusterIP", "10.96.0.200");
                                    current.spec().putArray("clusterIPs").add("10.96.0.200");
                                    return current;
                                }))
                .hasMessageContaining("may not change once set");
    }
}
