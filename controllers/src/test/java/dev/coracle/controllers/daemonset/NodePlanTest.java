package dev.coracle.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.daemonset.DaemonPod.Verdict;
import dev.coracle.controllers.daemonset.NodePlan.Place;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodePlanTest {

    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");
    private static final Verdict TAKES = new Verdict(true, true);

    private final DaemonSet set =
            new DaemonSetBuilder()
                    .withNewMetadata()
                    .withName("agent")
                    .withNamespace("kube-system")
                    .endMetadata()
                    .withNewSpec()
                    .withNewTemplate()
                    .withNewSpec()
                    .endSpec()
                    .endTemplate()
                    .withNewUpdateStrategy()
                    .withType("RollingUpdate")
                    .withNewRollingUpdate()
                    .withMaxUnavailable(new IntOrString(1))
                    .withMaxSurge(new IntOrString(0))
                    .endRollingUpdate()
                    .endUpdateStrategy()
                    .endSpec()
                    .build();

    @Test
    void putsOnePodOnEachNode() {
        assertThat(plan(place("a"), place("b", pod("b1", "new", true))).creations())
                .containsExactly("a");
        assertThat(plan(place("a", terminating("a1"))).creations()).isEmpty();
        assertThat(plan(new Place("a", new Verdict(false, true), List.of())).creations()).isEmpty();
    }

    @Test
    void removesWhatANodeDoesNotTakeAndWhatIsTooMany() {
        Pod first = pod("a1", "new", true);
        Pod second =
                new PodBuilder(pod("a2", "new", true))
                        .editMetadata()
                        .withCreationTimestamp("2026-01-01T00:30:00Z")
                        .endMetadata()
                        .build();
        assertThat(names(plan(place("a", second, first)).deletions())).containsExactly("a2");
        assertThat(
                        names(
                                plan(new Place("a", new Verdict(false, false), List.of(first)))
                                        .deletions()))
                .containsExactly("a1");
        assertThat(plan(new Place("a", new Verdict(false, true), List.of(first))).deletions())
                .isEmpty();
    }

    @Test
    void rollsWithinWhatMayBeUnavailable() {
        Place a = place("a", pod("a1", "old", true));
        Place b = place("b", pod("b1", "old", true));
        Place c = place("c", pod("c1", "old", true));
        assertThat(names(plan(a, b, c).deletions())).containsExactly("a1");
        assertThat(plan(place("a", pod("a2", "new", false)), b, c).deletions()).isEmpty();
        assertThat(names(plan(place("a", pod("a2", "new", true)), b, c).deletions()))
                .containsExactly("b1");
        set.getSpec()
                .getUpdateStrategy()
                .getRollingUpdate()
                .setMaxUnavailable(new IntOrString("50%"));
        assertThat(names(plan(a, b, c).deletions())).containsExactly("a1", "b1");
    }

    @Test
    void replacesAnOldPodThatIsBrokenAtOnce() {
        assertThat(
                        names(
                                plan(
                                                place("a", pod("a1", "old", false)),
                                                place("b", pod("b1", "old", true)))
                                        .deletions()))
                .containsExactly("a1");
    }

    @Test
    void surgesBeforeItRemoves() {
        set.getSpec().getUpdateStrategy().getRollingUpdate().setMaxSurge(new IntOrString(1));
        set.getSpec().getUpdateStrategy().getRollingUpdate().setMaxUnavailable(new IntOrString(0));
        Place b = place("b", pod("b1", "old", true));
        NodePlan first = plan(place("a", pod("a1", "old", true)), b);
        assertThat(first.creations()).containsExactly("a");
        assertThat(first.deletions()).isEmpty();
        NodePlan waiting = plan(place("a", pod("a1", "old", true), pod("a2", "new", false)), b);
        assertThat(waiting.creations()).isEmpty();
        assertThat(waiting.deletions()).isEmpty();
        NodePlan done = plan(place("a", pod("a1", "old", true), pod("a2", "new", true)), b);
        assertThat(names(done.deletions())).containsExactly("a1");
    }

    @Test
    void leavesTheUpdateToWhoDeletes() {
        set.getSpec().getUpdateStrategy().setType("OnDelete");
        assertThat(plan(place("a", pod("a1", "old", true))).deletions()).isEmpty();
    }

    @Test
    void toleratesWhatDaemonsTolerate() {
        Node cordoned =
                new NodeBuilder()
                        .withNewMetadata()
                        .withName("a")
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", "node.kubernetes.io/unschedulable", null, null)
                        .addNewTaint("NoExecute", "node.kubernetes.io/not-ready", null, null)
                        .endSpec()
                        .build();
        assertThat(DaemonPod.verdict(DaemonPod.template(set), cordoned)).isEqualTo(TAKES);
        Node dedicated =
                new NodeBuilder(cordoned)
                        .editSpec()
                        .addNewTaint("NoSchedule", "dedicated", null, "db")
                        .endSpec()
                        .build();
        assertThat(DaemonPod.verdict(DaemonPod.template(set), dedicated))
                .isEqualTo(new Verdict(false, true));
        assertThat(DaemonPod.node(DaemonPod.of(set, "h", "a"))).contains("a");
    }

    @Test
    void waitsLongerEachTimeAPodFails() {
        EndedPods ended = new EndedPods();
        assertThat(ended.waitBeforeReplacing("x", NOW)).isZero();
        assertThat(ended.waitBeforeReplacing("x", NOW)).isEqualTo(Duration.ofSeconds(1));
        assertThat(ended.waitBeforeReplacing("x", NOW.plusSeconds(1))).isZero();
        assertThat(ended.waitBeforeReplacing("x", NOW.plusSeconds(1)))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(ended.waitBeforeReplacing("y", NOW)).isZero();
    }

    private NodePlan plan(Place... places) {
        return NodePlan.of(set, List.of(places), List.of(), "new", NOW);
    }

    private static Place place(String node, Pod... pods) {
        return new Place(node, TAKES, List.of(pods));
    }

    private static List<String> names(List<Pod> pods) {
        return pods.stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    private static Pod terminating(String name) {
        return new PodBuilder(pod(name, "new", true))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:59:00Z")
                .endMetadata()
                .build();
    }

    private static Pod pod(String name, String revision, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .addToLabels("controller-revision-hash", revision)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .endCondition()
                .endStatus()
                .build();
    }
}
