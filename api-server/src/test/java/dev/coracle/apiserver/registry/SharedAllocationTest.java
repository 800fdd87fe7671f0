package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.storage.MemoryLog;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two servers on one log, neither of which has read what the other wrote when it allocates. */
class SharedAllocationTest {

    private final MemoryLog log = new MemoryLog();
    private final RegistryFixture one = new RegistryFixture(services(), log);
    private final RegistryFixture other = new RegistryFixture(services(), log);

    /** With one seed both choose alike. */
    private static ServiceStrategy services() {
        return new ServiceStrategy(
                new ClusterIpAllocator("10.96.0.0/16", new Random(7)),
                new NodePortAllocator(new Random(7)));
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void chooseAgainWhatTheOtherChoseFirst() {
        String ports = "spec: {type: NodePort, ports: [{port: 80}]}";
        ApiObject first = one.create("{metadata: {name: a}, " + ports + "}");
        ApiObject second = other.create("{metadata: {name: b}, " + ports + "}");
        assertThat(second.text("spec.clusterIP"))
                .isNotEmpty()
                .isNotEqualTo(first.text("spec.clusterIP"));
        assertThat(second.at("spec.ports").path(0).path("nodePort").asInt())
                .isNotZero()
                .isNotEqualTo(first.at("spec.ports").path(0).path("nodePort").asInt());
    }

    @Test
    void refuseWhatTheOtherGaveByName() {
        one.create("{metadata: {name: a}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}");
        assertThatThrownBy(() ->
                        other.create(
                                "{metadata: {name: b}, spec: {clusterIP: 10.96.0.9, ports:"
                                        + " [{port: 80}]}}"))
                .hasMessageContaining("provided IP is already allocated");
    }

    @Test
    void useWhatTheOtherGaveBack() {
        ApiObject held =
                one.create(
                        "{metadata: {name: a}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}");
        one.delete(held, DeleteOptions.Propagation.BACKGROUND);
        ApiObject next =
                other.create(
                        "{metadata: {name: b}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}");
        assertThat(next.text("spec.clusterIP")).isEqualTo("10.96.0.9");
    }

    @Test
    void giveBackWhatTheOtherTookOutOfAService() {
        ApiObject held =
                one.create(
                        "{metadata: {name: a}, spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}}");
        other.create("{metadata: {name: c}, spec: {ports: [{port: 80}]}}");
        one.update(
                held,
                service -> {
                    service.spec().put("type", "ExternalName").put("externalName", "a.example");
                    return service;
                });
        other.create("{metadata: {name: d}, spec: {ports: [{port: 80}]}}");
        assertThat(
                        other.create(
                                        "{metadata: {name: b}, spec: {clusterIP: 10.96.0.9, ports:"
                                                + " [{port: 80}]}}")
                                .text("spec.clusterIP"))
                .isEqualTo("10.96.0.9");
    }
}
