package dev.coracle.controllers.podgarbage;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodGarbageTest {

    private static Pod pod(String name, String phase, int made, boolean leaving) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:%02dZ".formatted(made))
                .withDeletionTimestamp(leaving ? "2026-01-01T01:00:00Z" : null)
                .endMetadata()
                .withNewSpec()
                .withNodeName("n")
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private static Node node(String taint, String ready) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n")
                .endMetadata()
                .withNewSpec()
                .addNewTaint("NoExecute", taint, null, null)
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void removesTheOldestOfTooManyThatHaveEnded() {
        List<Pod> pods =
                List.of(
                        pod("new", "Failed", 9, false),
                        pod("old", "Succeeded", 1, false),
                        pod("runs", "Running", 0, false),
                        pod("middle", "Failed", 5, false));

        assertThat(PodGarbage.of(pods, List.of(), 2).ended())
                .extracting(pod -> pod.getMetadata().getName())
                .containsExactly("old");
        assertThat(PodGarbage.of(pods, List.of(), 3).ended()).isEmpty();
    }

    @Test
    void removesPodsThatLeaveANodeOutOfService() {
        List<Pod> pods =
                List.of(pod("goes", "Running", 1, true), pod("stays", "Running", 1, false));
        String taint = "node.kubernetes.io/out-of-service";

        assertThat(PodGarbage.of(pods, List.of(node(taint, "Unknown")), 9).leaving())
                .containsExactly(pods.getFirst());
        assertThat(PodGarbage.of(pods, List.of(node(taint, "True")), 9).leaving()).isEmpty();
        assertThat(PodGarbage.of(pods, List.of(node("other", "False")), 9).leaving()).isEmpty();
    }

    @Test
    void removesPodsThatNeverHadANodeToEndThem() {
        Pod unplaced =
                new PodBuilder(pod("goes", "Pending", 1, true))
                        .editSpec()
                        .withNodeName(null)
                        .endSpec()
                        .build();
        Pod waits =
                new PodBuilder(pod("waits", "Pending", 1, false))
                        .editSpec()
                        .withNodeName(null)
                        .endSpec()
                        .build();
        List<Pod> pods = List.of(unplaced, waits, pod("placed", "Running", 1, true));

        assertThat(PodGarbage.of(pods, List.of(), 9).unplaced()).containsExactly(unplaced);
    }
}
