package dev.coracle.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeletionRankingTest {

    @Test
    void prefersPodsWithoutNodeThenPendingThenNotReady() {
        Pod homeless = pod("homeless", null, "Pending", null);
        Pod pending = pod("pending", "a", "Pending", null);
        Pod notReady = pod("not-ready", "a", "Running", null);
        Pod ready = pod("ready", "a", "Running", "2026-01-01T00:00:00Z");
        assertThat(names(3, ready, notReady, pending, homeless))
                .containsExactly("homeless", "pending", "not-ready");
    }

    @Test
    void prefersNodesWithMoreSiblings() {
        Pod alone = pod("alone", "a", "Running", "2026-01-02T00:00:00Z");
        Pod pair = pod("pair-1", "b", "Running", "2026-01-01T00:00:00Z");
        Pod other = pod("pair-2", "b", "Running", "2026-01-01T00:00:00Z");
        assertThat(names(1, alone, pair, other)).containsExactly("pair-1");
    }

    @Test
    void countsThePodsOfTheOtherReplicaSetsOfItsDeployment() {
        Pod alone = pod("alone", "a", "Running", "2026-01-02T00:00:00Z");
        Pod beside = pod("beside", "b", "Running", "2026-01-01T00:00:00Z");
        Pod newer = pod("newer", "b", "Running", "2026-01-02T00:00:00Z");
        assertThat(DeletionRanking.first(1, List.of(alone, beside), List.of(alone, beside, newer)))
                .containsExactly(beside);
    }

    @Test
    void prefersPodsThatBecameReadyLast() {
        Pod before = pod("before", "a", "Running", "2026-01-01T00:00:00Z");
        Pod after = pod("after", "b", "Running", "2026-01-02T00:00:00Z");
        assertThat(names(1, before, after)).containsExactly("after");
    }

    @Test
    void respectsTheDeletionCost() {
        Pod cheap = pod("cheap", "a", "Running", "2026-01-01T00:00:00Z");
        cheap.getMetadata()
                .getAnnotations()
                .put("controller.kubernetes.io/pod-deletion-cost", "-5");
        Pod plain = pod("plain", "b", "Running", "2026-01-02T00:00:00Z");
        assertThat(names(1, plain, cheap)).containsExactly("cheap");
    }

    private static List<String> names(int count, Pod... pods) {
        return DeletionRanking.first(count, List.of(pods), List.of(pods)).stream()
                .map(p -> p.getMetadata().getName())
                .toList();
    }

    private static Pod pod(
            String name, @Nullable String node, String phase, @Nullable String readySince) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations("note", "x")
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .addNewCondition()
                .withType("Ready")
                .withStatus(readySince == null ? "False" : "True")
                .withLastTransitionTime(readySince)
                .endCondition()
                .endStatus()
                .build();
    }
}
