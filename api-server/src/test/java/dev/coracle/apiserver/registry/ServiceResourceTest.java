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
import java.util.Random;
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
                        "is not in the valid range. The range of valid IPs is 10.96.0.0/24"),
                argumentSet(
                        "an address with leading zeros",
                        "{clusterIP: 10.096.0.1, ports: [{port: 80}]}",
                        "spec.clusterIPs[0]: Invalid value: \"10.096.0.1\""));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String spec, String message) {
        services.create(
                "{metadata: {name: taken}, spec: {type: NodePort, ports: [{port: 80, nodePort: 32100}]}}");
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
