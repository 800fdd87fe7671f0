package dev.coracle.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StaleDisruptionControllerTest {

    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void looksAtPodsThatMayStay() {
        Pod evicted = pod("EvictionByEvictionAPI", "Running");
        assertThat(StaleDisruptionController.findSince(evicted)).contains(SINCE);
        assertThat(StaleDisruptionController.findSince(pod("TerminationByKubelet", "Running")))
                .isEmpty();
        assertThat(StaleDisruptionController.findSince(pod("EvictionByEvictionAPI", "Failed")))
                .isEmpty();
        Pod going =
                new PodBuilder(evicted)
                        .editMetadata()
                        .withDeletionTimestamp("2026-01-01T00:00:01Z")
                        .endMetadata()
                        .build();
        assertThat(StaleDisruptionController.findSince(going)).isEmpty();
    }

    @Test
    void takesTheConditionBack() {
        Pod changed =
                StaleDisruptionController.withdrawn(
                        pod("EvictionByEvictionAPI", "Running"), SINCE.plusSeconds(120));
        assertThat(changed.getStatus().getConditions())
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.getStatus()).isEqualTo("False");
                    assertThat(condition.getReason()).isNull();
                    assertThat(condition.getLastTransitionTime()).isEqualTo("2026-01-01T00:02:00Z");
                });
        assertThat(StaleDisruptionController.findSince(changed)).isEmpty();
    }

    private static Pod pod(String reason, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason(reason)
                .withLastTransitionTime(SINCE.toString())
                .endCondition()
                .endStatus()
                .build();
    }
}
