package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LegacyEndpointsTest {

    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
    private static final String CHANGED = "endpoints.kubernetes.io/last-change-trigger-time";

    private static final Service WEB =
            new ServiceBuilder()
                    .withNewMetadata()
                    .withName("web")
                    .withNamespace("shop")
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build();

    private final Map<List<EndpointPort>, List<Endpoint>> groups = new LinkedHashMap<>();

    /** Endpoints on a port of their own. */
    private void group(int port, int ready, int others) {
        List<Endpoint> all = new ArrayList<>();
        IntStream.range(0, ready).forEach(i -> all.add(endpoint(port, i, true)));
        IntStream.range(ready, ready + others).forEach(i -> all.add(endpoint(port, i, false)));
        groups.put(List.of(new EndpointPortBuilder().withName("").withPort(port).build()), all);
    }

    private static Endpoint endpoint(int port, int number, boolean ready) {
        return new EndpointBuilder()
                .withAddresses("10.%d.%d.%d".formatted(port, number / 250, number % 250))
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .build();
    }

    private Endpoints endpoints() {
        return LegacyEndpoints.of(WEB, groups, Map.of());
    }

    /** Ready and other addresses of each subset. */
    private static List<List<Integer>> sizes(Endpoints endpoints) {
        return endpoints.getSubsets().stream()
                .map(s -> List.of(s.getAddresses().size(), s.getNotReadyAddresses().size()))
                .toList();
    }

    @Test
    void hasAThousandAddresses() {
        group(1, 999, 1);
        assertThat(sizes(endpoints())).containsExactly(List.of(999, 1));
        assertThat(endpoints().getMetadata().getAnnotations()).isEmpty();
    }

    @Test
    void leavesOutThoseThatAreNotReadyFirst() {
        group(1, 700, 400);
        group(2, 200, 100);
        assertThat(sizes(endpoints())).containsExactly(List.of(700, 80), List.of(200, 20));
        assertThat(endpoints().getMetadata().getAnnotations())
                .containsExactly(Map.entry(OVER_CAPACITY, "truncated"));
    }

    @Test
    void cutsReadyOnesBySubset() {
        group(1, 1000, 10);
        group(2, 500, 10);
        // the shares are rounded up, but for the last
        assertThat(sizes(endpoints())).containsExactly(List.of(667, 0), List.of(333, 0));
        assertThat(endpoints().getSubsets().getFirst().getAddresses().getFirst().getIp())
                .isEqualTo("10.1.0.0");
    }

    @Test
    void leavesNoSubsetWithoutAddresses() {
        group(1, 1000, 0);
        group(2, 0, 1);
        assertThat(sizes(endpoints())).containsExactly(List.of(1000, 0));
    }

    @Test
    void saysNothingOfItsCapacityOnceAllFit() {
        group(1, 1001, 0);
        Endpoints over = endpoints();
        assertThat(LegacyEndpoints.changed(over, over)).isEmpty();
        group(1, 2, 0);
        Endpoints fits =
                LegacyEndpoints.changed(
                                new EndpointsBuilder(over)
                                        .editMetadata()
                                        .addToAnnotations("own", "kept")
                                        .endMetadata()
                                        .build(),
                                endpoints())
                        .orElseThrow();
        assertThat(sizes(fits)).containsExactly(List.of(2, 0));
        assertThat(fits.getMetadata().getAnnotations()).containsOnly(Map.entry("own", "kept"));
    }

    @Test
    void takesTheMarkAwayThatSomebodyMade() {
        group(1, 2, 0);
        Endpoints marked =
                new EndpointsBuilder(endpoints())
                        .editMetadata()
                        .addToAnnotations(OVER_CAPACITY, "warning")
                        .endMetadata()
                        .build();
        assertThat(LegacyEndpoints.changed(marked, endpoints()))
                .get()
                .satisfies(e -> assertThat(e.getMetadata().getAnnotations()).isEmpty());
    }

    @Test
    void tellsTheTimeOfAChangeOnlyWithTheChange() {
        group(1, 2, 0);
        Endpoints before = endpoints();
        Endpoints later = LegacyEndpoints.of(WEB, groups, Map.of(CHANGED, "2026-01-01T00:00:00Z"));
        assertThat(LegacyEndpoints.changed(before, later)).isEmpty();
        group(1, 3, 0);
        Endpoints changed =
                LegacyEndpoints.changed(
                                before,
                                LegacyEndpoints.of(
                                        WEB, groups, Map.of(CHANGED, "2026-01-01T00:00:01Z")))
                        .orElseThrow();
        assertThat(changed.getMetadata().getAnnotations())
                .containsOnly(Map.entry(CHANGED, "2026-01-01T00:00:01Z"));
    }
}
