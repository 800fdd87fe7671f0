package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EndpointTranslationTest {

    private static final Service WEB =
            new ServiceBuilder()
                    .withNewMetadata()
                    .withName("web")
                    .withNamespace("shop")
                    .endMetadata()
                    .withNewSpec()
                    .addNewPort()
                    .withName("http")
                    .withPort(80)
                    .withTargetPort(new IntOrString("http"))
                    .endPort()
                    .endSpec()
                    .build();

    @Test
    void listsReadyPodsAsReady() {
        Endpoint endpoint = only(WEB, pod("a", "10.244.0.1", 8080).build());
        assertThat(endpoint.getAddresses()).containsExactly("10.244.0.1");
        assertThat(endpoint.getConditions().getReady()).isTrue();
        assertThat(endpoint.getNodeName()).isEqualTo("node-1");
        assertThat(endpoint.getTargetRef().getName()).isEqualTo("a");
    }

    @Test
    void asksForTrafficFromTheSameZoneWhereTheServicePrefersIt() {
        Service near =
                new ServiceBuilder(WEB)
                        .editSpec()
                        .withTrafficDistribution("PreferClose")
                        .endSpec()
                        .build();
        List<Pod> pods = List.of(pod("a", "10.244.0.1", 8080).build());
        Map<String, String> zones = Map.of("node-1", "east");
        assertThat(
                        EndpointTranslation.translate(near, pods, zones)
                                .values()
                                .iterator()
                                .next()
                                .getFirst()
                                .getHints()
                                .getForZones())
                .extracting("name")
                .containsExactly("east");
        assertThat(
                        EndpointTranslation.translate(WEB, pods, zones)
                                .values()
                                .iterator()
                                .next()
                                .getFirst()
                                .getHints())
                .isNull();
    }

    @Test
    void keepsATerminatingPodServingButNotReady() {
        Endpoint endpoint =
                only(
                        WEB,
                        pod("a", "10.244.0.1", 8080)
                                .editMetadata()
                                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                                .endMetadata()
                                .build());
        assertThat(endpoint.getConditions().getReady()).isFalse();
        assertThat(endpoint.getConditions().getServing()).isTrue();
        assertThat(endpoint.getConditions().getTerminating()).isTrue();
    }

    @Test
    void publishesNotReadyAddressesWhenAsked() {
        Service headless =
                new ServiceBuilder(WEB)
                        .editSpec()
                        .withPublishNotReadyAddresses(true)
                        .endSpec()
                        .build();
        Endpoint endpoint =
                only(
                        headless,
                        pod("a", "10.244.0.1", 8080)
                                .editStatus()
                                .withConditions()
                                .endStatus()
                                .build());
        assertThat(endpoint.getConditions().getReady()).isTrue();
        assertThat(endpoint.getConditions().getServing()).isFalse();
    }

    @Test
    void leavesOutFinishedPodsAndPodsWithoutAddress() {
        var groups =
                EndpointTranslation.translate(
                        WEB,
                        List.of(
                                pod("a", null, 1).build(),
                                pod("b", "10.244.0.2", 1)
                                        .editStatus()
                                        .withPhase("Failed")
                                        .endStatus()
                                        .build()),
                        Map.of());
        assertThat(groups).containsExactly(Map.entry(List.of(), List.of()));
    }

    @Test
    void groupsPodsByWhatTheNamedPortMeansInThem() {
        var groups =
                EndpointTranslation.translate(
                        WEB,
                        List.of(
                                pod("a", "10.244.0.1", 8080).build(),
                                pod("b", "10.244.0.2", 9090).build()),
                        Map.of());
        assertThat(groups.keySet())
                .extracting(ports -> ports.getFirst().getPort())
                .containsExactly(8080, 9090);
    }

    @Test
    void namesEndpointsOfItsOwnSubdomain() {
        Pod named =
                pod("a", "10.244.0.1", 8080)
                        .editSpec()
                        .withHostname("db-0")
                        .withSubdomain("web")
                        .endSpec()
                        .build();
        assertThat(only(WEB, named).getHostname()).isEqualTo("db-0");
    }

    @Nested
    class WhenSlicesArePlanned {

        private final List<EndpointPort> ports = List.of();

        @Test
        void makesOneSlicePerHundredEndpoints() {
            SlicePlan plan = SlicePlan.of(List.of(), Map.of(ports, endpoints(0, 250)), Map.of());
            assertThat(plan.create())
                    .extracting(c -> c.endpoints().size())
                    .containsExactly(100, 100, 50);
        }

        @Test
        void changesOnlyTheSliceThatHeldTheEndpoint() {
            var slices = List.of(slice("s1", endpoints(0, 100)), slice("s2", endpoints(100, 150)));
            List<Endpoint> wanted = new ArrayList<>(endpoints(0, 150));
            wanted.remove(120);
            SlicePlan plan = SlicePlan.of(slices, Map.of(ports, wanted), Map.of());
            assertThat(plan.create()).isEmpty();
            assertThat(plan.delete()).isEmpty();
            assertThat(plan.update())
                    .extracting(s -> s.getMetadata().getName())
                    .containsExactly("s2");
        }

        @Test
        void changesNothingWhenNothingChanged() {
            SlicePlan plan =
                    SlicePlan.of(
                            List.of(slice("s1", endpoints(0, 3))),
                            Map.of(ports, endpoints(0, 3)),
                            Map.of());
            assertThat(plan).isEqualTo(new SlicePlan(List.of(), List.of(), List.of()));
        }

        @Test
        void keepsOneEmptySlice() {
            SlicePlan plan =
                    SlicePlan.of(
                            List.of(slice("s1", endpoints(0, 1))),
                            Map.of(ports, List.of()),
                            Map.of());
            assertThat(plan.update())
                    .extracting(EndpointSlice::getEndpoints)
                    .containsExactly(List.of());
        }

        private List<Endpoint> endpoints(int from, int to) {
            return IntStream.range(from, to)
                    .mapToObj(i ->
                            new Endpoint(
                                    List.of("10.0.0." + i),
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null))
                    .toList();
        }

        private EndpointSlice slice(String name, List<Endpoint> endpoints) {
            return new EndpointSliceBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withLabels(Map.of())
                    .endMetadata()
                    .withPorts(ports)
                    .withEndpoints(endpoints)
                    .build();
        }
    }

    private static Endpoint only(Service service, Pod pod) {
        var groups = EndpointTranslation.translate(service, List.of(pod), Map.of());
        return groups.values().iterator().next().getFirst();
    }

    private static PodBuilder pod(String name, @Nullable String ip, int port) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .withUid("uid-" + name)
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-1")
                .addNewContainer()
                .addNewPort()
                .withName("http")
                .withContainerPort(port)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(ip)
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus();
    }
}
