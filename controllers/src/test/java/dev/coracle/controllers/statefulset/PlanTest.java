package dev.coracle.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.statefulset.Plan.Step;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {

    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    @Test
    void makesOrderedPodsOneAfterAnother() {
        StatefulSet set = set(3);
        assertThat(steps(set)).containsExactly("create 0 of new");
        assertThat(steps(set, pod(0, "new", "Pending", false))).isEmpty();
        assertThat(steps(set, pod(0, "new", "Running", false))).isEmpty();
        assertThat(steps(set, ready(0, "new"))).containsExactly("create 1 of new");
        assertThat(steps(set, ready(0, "new"), ready(1, "new"), ready(2, "new"))).isEmpty();
    }

    @Test
    void makesParallelPodsTogether() {
        StatefulSet set = set(3);
        set.getSpec().setPodManagementPolicy("Parallel");
        assertThat(steps(set, pod(1, "new", "Pending", false)))
                .containsExactly("create 0 of new", "create 2 of new");
        set.getSpec().setReplicas(0);
        assertThat(steps(set, ready(0, "new"), ready(1, "new")))
                .containsExactly("delete web-1", "delete web-0");
    }

    @Test
    void beginsAtTheFirstOrdinal() {
        StatefulSet set =
                new StatefulSetBuilder(set(2))
                        .editSpec()
                        .withNewOrdinals()
                        .withStart(5)
                        .endOrdinals()
                        .endSpec()
                        .build();
        assertThat(steps(set)).containsExactly("create 5 of new");
        assertThat(steps(set, ready(5, "new"), ready(6, "new"), ready(0, "new")))
                .containsExactly("delete web-0");
    }

    @Test
    void scalesDownFromTheLastAndWaitsForEach() {
        StatefulSet set = set(1);
        assertThat(steps(set, ready(0, "new"), ready(1, "new"), ready(2, "new")))
                .containsExactly("delete web-2");
        assertThat(steps(set, ready(0, "new"), ready(1, "new"), terminating(2))).isEmpty();
        // one that is not healthy blocks those after it, not itself
        assertThat(steps(set, ready(0, "new"), pod(1, "new", "Running", false), ready(2, "new")))
                .containsExactly("delete web-2");
        assertThat(
                        steps(
                                set,
                                ready(0, "new"),
                                pod(1, "new", "Running", false),
                                pod(2, "new", "Running", false)))
                .isEmpty();
    }

    @Test
    void rollsFromTheLastToThePartition() {
        StatefulSet set = set(3);
        assertThat(steps(set, ready(0, "old"), ready(1, "old"), ready(2, "old")))
                .containsExactly("delete web-2");
        assertThat(steps(set, ready(0, "old"), ready(1, "old"), pod(2, "new", "Running", false)))
                .isEmpty();
        assertThat(steps(set, ready(0, "old"), ready(1, "old"), ready(2, "new")))
                .containsExactly("delete web-1");
        partition(set, 2);
        assertThat(steps(set, ready(0, "old"), ready(1, "old"), ready(2, "new"))).isEmpty();
        assertThat(steps(set, ready(0, "old"), ready(2, "new"))).containsExactly("create 1 of old");
        assertThat(steps(set, ready(0, "old"), ready(1, "old"))).containsExactly("create 2 of new");
    }

    @Test
    void leavesTheUpdateToWhoDeletes() {
        StatefulSet set = set(2);
        set.getSpec().getUpdateStrategy().setType("OnDelete");
        assertThat(steps(set, ready(0, "old"), ready(1, "old"))).isEmpty();
        assertThat(steps(set, ready(0, "old"))).containsExactly("create 1 of new");
    }

    @Test
    void replacesWhatHasEnded() {
        assertThat(steps(set(2), pod(0, "new", "Failed", false), ready(1, "new")))
                .containsExactly("replace web-0");
    }

    @Test
    void labelsAgainWhatLostItsLabels() {
        Pod bare =
                new PodBuilder(ready(0, "new"))
                        .editMetadata()
                        .removeFromLabels("apps.kubernetes.io/pod-index")
                        .endMetadata()
                        .build();
        assertThat(steps(set(1), bare)).containsExactly("label web-0 0");
    }

    @Test
    void makesTheClaimsAgainThatAPendingPodLacks() {
        StatefulSet set =
                new StatefulSetBuilder(set(2))
                        .editSpec()
                        .withNewSelector()
                        .addToMatchLabels("app", "web")
                        .endSelector()
                        .addNewVolumeClaimTemplate()
                        .withNewMetadata()
                        .withName("data")
                        .endMetadata()
                        .endVolumeClaimTemplate()
                        .endSpec()
                        .build();
        assertThat(steps(set, pod(0, "new", "Pending", false))).containsExactly("claims 0");
        assertThat(steps(set, pod(0, "new", "Running", false))).isEmpty();
    }

    @Test
    void isCompleteOnlyWithAllPodsThatAreWanted() {
        assertThat(from(set(3), ready(0, "new"), ready(1, "new"))).isEqualTo("old");
        assertThat(from(set(2), ready(0, "new"), ready(1, "old"))).isEqualTo("old");
        assertThat(from(set(2), ready(0, "new"), ready(1, "new"))).isEqualTo("new");
        assertThat(from(set(1), ready(0, "new"), ready(1, "new"))).isEqualTo("old");
    }

    private static String from(StatefulSet set, Pod... pods) {
        return Progress.of(set, List.of(pods), "old", "new", NOW).getStatus().getCurrentRevision();
    }

    private static List<String> steps(StatefulSet set, Pod... pods) {
        return Plan.of(set, List.of(pods), "old", "new", NOW).stream()
                .map(step ->
                        switch (step) {
                            case Step.Create(int ordinal, boolean ofUpdate) ->
                                    "create " + ordinal + " of " + (ofUpdate ? "new" : "old");
                            case Step.Replace(Pod pod) -> "replace " + pod.getMetadata().getName();
                            case Step.Claims(int ordinal) -> "claims " + ordinal;
                            case Step.Delete(Pod pod) -> "delete " + pod.getMetadata().getName();
                            case Step.Label(Pod pod, int ordinal) ->
                                    "label " + pod.getMetadata().getName() + " " + ordinal;
                        })
                .toList();
    }

    private static void partition(StatefulSet set, int partition) {
        set.getSpec().getUpdateStrategy().getRollingUpdate().setPartition(partition);
    }

    private static StatefulSet set(int replicas) {
        return new StatefulSetBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withPodManagementPolicy("OrderedReady")
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withPartition(0)
                .endRollingUpdate()
                .endUpdateStrategy()
                .endSpec()
                .build();
    }

    private static Pod ready(int ordinal, String revision) {
        return pod(ordinal, revision, "Running", true);
    }

    private static Pod terminating(int ordinal) {
        return new PodBuilder(ready(ordinal, "new"))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:59:00Z")
                .endMetadata()
                .build();
    }

    private static Pod pod(int ordinal, String revision, String phase, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web-" + ordinal)
                .withNamespace("shop")
                .addToLabels("controller-revision-hash", revision)
                .addToLabels("statefulset.kubernetes.io/pod-name", "web-" + ordinal)
                .addToLabels("apps.kubernetes.io/pod-index", Integer.toString(ordinal))
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .endCondition()
                .endStatus()
                .build();
    }
}
