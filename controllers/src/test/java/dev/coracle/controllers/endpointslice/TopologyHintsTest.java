package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TopologyHintsTest {

    private static final List<EndpointPort> PORTS = List.of();
    private static final ZoneShares HALVES = zones(node("east", "4"), node("west", "4"));

    @Test
    void areForServicesThatAskByEitherAnnotation() {
        assertThat(TopologyHints.areWanted(service("service.kubernetes.io/topology-mode", "Auto")))
                .isTrue();
        assertThat(TopologyHints.areWanted(service("service.kubernetes.io/topology-mode", "auto")))
                .isTrue();
        assertThat(
                        TopologyHints.areWanted(
                                service("service.kubernetes.io/topology-aware-hints", "Auto")))
                .isTrue();
        assertThat(
                        TopologyHints.areWanted(
                                service("service.kubernetes.io/topology-mode", "Disabled")))
                .isFalse();
    }

    @Nested
    class Allocation {

        @Test
        void givesEachEndpointToItsOwnZoneWhereThatIsFair() {
            assertThat(hints(give(HALVES, "east", "west", "east", "west")))
                    .containsExactly("east", "west", "east", "west");
        }

        @Test
        void lendsEndpointsToAZoneWithTooFew() {
            assertThat(hints(give(HALVES, "east", "east", "east", "east")))
                    .containsExactly("west", "west", "east", "east");
        }

        @Test
        void followsTheProcessorsOfTheZones() {
            ZoneShares uneven = zones(node("east", "2"), node("east", "4"), node("west", "2"));

            assertThat(hints(give(uneven, "east", "west", "east", "west")))
                    .containsExactly("east", "east", "east", "west");
        }

        @Test
        void leavesOutEndpointsThatAreNotReady() {
            Endpoint waiting =
                    new EndpointBuilder(endpoint(9, "east"))
                            .editConditions()
                            .withReady(false)
                            .endConditions()
                            .build();
            List<Endpoint> all = new ArrayList<>(endpoints("east", "west"));
            all.add(waiting);

            TopologyHints given = TopologyHints.give(Map.of(PORTS, all), List.of(), HALVES);

            assertThat(given.refusal()).isEmpty();
            assertThat(all(given).getLast().getHints()).isNull();
        }

        @Test
        void keepsHintsThatAreStillGood() {
            TopologyHints before = give(HALVES, "east", "east", "east", "east");

            TopologyHints after =
                    TopologyHints.give(
                            Map.of(PORTS, endpoints("east", "west", "west", "east")),
                            all(before),
                            HALVES);

            assertThat(hints(after)).isEqualTo(hints(before));
        }

        @Test
        void beginsAnewWhenTheHintsLeaveAZoneWithTooFew() {
            List<Endpoint> current = all(give(HALVES, "east", "west"));
            ZoneShares uneven = zones(node("east", "7"), node("west", "1"));

            TopologyHints after =
                    TopologyHints.give(
                            Map.of(PORTS, endpoints("east", "west", "west", "west", "west")),
                            current,
                            uneven);

            assertThat(after.refusal()).isEmpty();
            assertThat(hints(after)).filteredOn("east"::equals).hasSize(4);
        }
    }

    @Nested
    class Refusal {

        @Test
        void ofNodesWithoutAZone() {
            refuses(
                    give(zones(node("east", "4"), node("", "4")), "east", "west"),
                    "Insufficient Node information: allocatable CPU or zone not specified on one or"
                            + " more nodes");
        }

        @Test
        void ofOneZoneOnly() {
            refuses(
                    give(zones(node("east", "4")), "east"),
                    "Insufficient Node information: allocatable CPU or zone not specified on one or"
                            + " more nodes");
        }

        @Test
        void ofFewerEndpointsThanZones() {
            refuses(
                    give(HALVES, "east"),
                    "Insufficient number of endpoints (1 endpoints, 2 zones)");
        }

        @Test
        void ofZonesThatWouldBeOverloaded() {
            refuses(
                    give(HALVES, "east", "west", "east"),
                    "Unable to allocate minimum required endpoints to each zone without exceeding"
                            + " overload threshold (3 endpoints, 2 zones)");
        }

        @Test
        void ofEndpointsWithoutAZone() {
            refuses(give(HALVES, "east", ""), "One or more endpoints do not have a zone specified");
        }

        private void refuses(TopologyHints given, String why) {
            assertThat(given.refusal()).isEqualTo(why);
            assertThat(all(given)).allSatisfy(endpoint -> assertThat(endpoint.getHints()).isNull());
        }
    }

    @Test
    void countsNeitherControlPlanesNorNodesThatAreNotReady() {
        Node controlPlane =
                new NodeBuilder(node("north", "4"))
                        .editMetadata()
                        .addToLabels("node-role.kubernetes.io/control-plane", "")
                        .endMetadata()
                        .build();
        Node away =
                new NodeBuilder(node("south", "4"))
                        .editStatus()
                        .editFirstCondition()
                        .withStatus("Unknown")
                        .endCondition()
                        .endStatus()
                        .build();

        assertThat(zones(controlPlane, away, node("east", "3"), node("west", "1000m")).shares())
                .isEqualTo(Map.of("east", 0.75, "west", 0.25));
    }

    private static TopologyHints give(ZoneShares zones, String... endpointZones) {
        return TopologyHints.give(Map.of(PORTS, endpoints(endpointZones)), List.of(), zones);
    }

    private static List<Endpoint> all(TopologyHints given) {
        return given.endpoints().getOrDefault(PORTS, List.of());
    }

    private static List<String> hints(TopologyHints given) {
        return all(given).stream()
                .map(endpoint -> endpoint.getHints().getForZones().getFirst().getName())
                .toList();
    }

    private static List<Endpoint> endpoints(String... zones) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String zone : zones) {
            endpoints.add(endpoint(endpoints.size() + 1, zone));
        }
        return endpoints;
    }

    private static Endpoint endpoint(int number, String zone) {
        return new EndpointBuilder()
                .withAddresses("10.244.0." + number)
                .withZone(zone.isEmpty() ? null : zone)
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .build();
    }

    private static ZoneShares zones(Node... nodes) {
        return ZoneShares.of(Arrays.asList(nodes));
    }

    private static Node node(String zone, String cpu) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("node-" + zone)
                .addToLabels(ZoneShares.ZONE, zone)
                .endMetadata()
                .withNewStatus()
                .addToAllocatable("cpu", new Quantity(cpu))
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }

    private static Service service(String annotation, String value) {
        return new ServiceBuilder()
                .withNewMetadata()
                .addToAnnotations(annotation, value)
                .endMetadata()
                .build();
    }
}
