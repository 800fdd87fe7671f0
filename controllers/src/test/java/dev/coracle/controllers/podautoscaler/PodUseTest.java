package dev.coracle.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.podautoscaler.PodUse.State;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetricsBuilder;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodUseTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static Pod pod(String phase, String ready, Instant since) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .addToRequests("cpu", new Quantity("500m"))
                .endResources()
                .endContainer()
                .addNewContainer()
                .withName("helper")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .withStartTime(START.toString())
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .withLastTransitionTime(since.toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private static PodMetrics metrics(Instant time) {
        return new PodMetricsBuilder()
                .withTimestamp(time.toString())
                .addNewContainer()
                .withName("main")
                .withUsage(Map.of("cpu", new Quantity("1500000n"), "memory", new Quantity("4Ki")))
                .endContainer()
                .addNewContainer()
                .withName("helper")
                .withUsage(Map.of("cpu", new Quantity("3m"), "memory", new Quantity("1Ki")))
                .endContainer()
                .build();
    }

    private static PodUse use(Pod pod, String resource, String container, long seconds) {
        Instant now = START.plusSeconds(seconds);
        return PodUse.of(
                pod, metrics(now), resource, container.isEmpty() ? null : container, false, now);
    }

    @Test
    void addsUpContainers() {
        Pod pod = pod("Running", "True", START);
        assertThat(use(pod, "cpu", "", 600).used()).isEqualTo(5);
        assertThat(use(pod, "cpu", "helper", 600).used()).isEqualTo(3);
        assertThat(use(pod, "memory", "", 600).used()).isEqualTo(5 * 1024 * 1000L);
        assertThat(use(pod, "cpu", "none", 600).used()).isNull();
    }

    @Test
    void needsRequestsForAShare() {
        Pod pod = pod("Running", "True", START);
        assertThat(PodUse.of(pod, null, "cpu", "main", true, START).requested()).isEqualTo(500);
        assertThatThrownBy(() -> PodUse.of(pod, null, "cpu", null, true, START))
                .hasMessage("missing request for cpu in container helper of Pod web");
    }

    @ParameterizedTest
    @CsvSource({
        // phase, ready, ready since, now: seconds after the start
        "Pending, False, 0, 10, cpu, UNREADY",
        "Running, True, 20, 40, cpu, UNREADY",
        "Running, True, 20, 50, cpu, READY",
        "Running, True, 20, 40, memory, READY",
        "Running, False, 200, 250, cpu, UNREADY",
        "Running, False, 200, 400, cpu, READY",
        "Running, False, 20, 400, cpu, UNREADY",
        "Succeeded, False, 20, 400, cpu, ENDED"
    })
    void countsOnlyWhatSaysSomething(
            String phase, String ready, long since, long now, String resource, State state) {
        assertThat(use(pod(phase, ready, START.plusSeconds(since)), resource, "", now).state())
                .isEqualTo(state);
    }
}
