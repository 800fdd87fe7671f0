package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerCacheTest {

    private final SchedulerCache cache = new SchedulerCache();

    @Test
    void countsAnAssumedPodUntilItIsForgotten() {
        cache.nodeChanged("a", node("a"));
        cache.assume(PlacedPod.of(pod("p").build()), "a");
        assertThat(cache.isPlaced("p")).isTrue();
        assertThat(podsOn("a")).containsExactly("p");
        cache.forget("p");
        assertThat(cache.isPlaced("p")).isFalse();
        assertThat(podsOn("a")).isEmpty();
    }

    @Test
    void keepsAPodWhoseBindingWasSeenThoughItIsToBeForgotten() {
        cache.nodeChanged("a", node("a"));
        cache.assume(PlacedPod.of(pod("p").build()), "a");
        cache.seen(on(pod("p"), "a"));
        cache.forget("p");
        assertThat(podsOn("a")).containsExactly("p");
    }

    @Test
    void believesTheClusterMoreThanItsAssumption() {
        cache.nodeChanged("a", node("a"));
        cache.nodeChanged("b", node("b"));
        cache.assume(PlacedPod.of(pod("p").build()), "a");
        cache.seen(on(pod("p"), "b"));
        assertThat(podsOn("a")).isEmpty();
        assertThat(podsOn("b")).containsExactly("p");
    }

    @Test
    void makesAnewOnlyTheNodesThatChanged() {
        cache.nodeChanged("a", node("a"));
        cache.nodeChanged("b", node("b"));
        ClusterView before = cache.view();
        cache.seen(on(pod("p"), "a"));
        ClusterView after = cache.view();
        assertThat(after.nodes().get(0)).isNotSameAs(before.nodes().get(0));
        assertThat(after.nodes().get(1)).isSameAs(before.nodes().get(1));
        assertThat(before.nodes().get(0).pods()).isEmpty();
        cache.nodeChanged("c", node("c"));
        assertThat(cache.view().nodes().get(1)).isSameAs(before.nodes().get(1));
        assertThat(cache.view().nodes()).hasSize(3);
        assertThat(cache.view().nodes()).isSameAs(cache.view().nodes());
    }

    @Test
    void knowsThePodsOfANodeThatComesLater() {
        cache.seen(on(pod("p"), "a"));
        assertThat(cache.view().nodes()).isEmpty();
        cache.nodeChanged("a", node("a"));
        assertThat(podsOn("a")).containsExactly("p");
        cache.nodeChanged("a", null);
        assertThat(cache.view().nodes()).isEmpty();
    }

    @Test
    void knowsWherePodsHaveTerms() {
        cache.nodeChanged("a", node("a"));
        cache.nodeChanged("b", node("b"));
        Pod shy =
                pod("p").editSpec()
                        .withNewAffinity()
                        .withNewPodAntiAffinity()
                        .endPodAntiAffinity()
                        .endAffinity()
                        .endSpec()
                        .build();
        cache.assume(PlacedPod.of(shy), "b");
        assertThat(cache.view().opinionated()).extracting(NodeState::name).containsExactly("b");
        cache.gone("p");
        assertThat(cache.view().opinionated()).isEmpty();
    }

    @Test
    void keepsTheRoomThatIsBeingMadeForAPod() {
        cache.nodeChanged("a", node("a"));
        Pod urgent =
                pod("urgent")
                        .editSpec()
                        .withPriority(10)
                        .endSpec()
                        .withNewStatus()
                        .withNominatedNodeName("a")
                        .endStatus()
                        .build();
        cache.pending(urgent);
        assertThat(place(pod("other").build())).isInstanceOf(Placement.Unschedulable.class);
        assertThat(place(urgent)).isEqualTo(new Placement.Fits("a"));
        cache.gone("urgent");
        assertThat(place(pod("other").build())).isEqualTo(new Placement.Fits("a"));
    }

    private Placement place(Pod pod) {
        return new Scheduling(PlacedPod.of(pod), List.of(), cache.view()).place(new Sampling());
    }

    private List<String> podsOn(String node) {
        return cache.view().nodes().stream()
                .filter(state -> state.name().equals(node))
                .flatMap(state -> state.pods().stream())
                .map(PlacedPod::uid)
                .toList();
    }

    /** Room for one pod. */
    private static Node node(String name) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addToAllocatable("pods", new Quantity("1"))
                .endStatus()
                .build();
    }

    private static Pod on(PodBuilder pod, String node) {
        return pod.editSpec().withNodeName(node).endSpec().build();
    }

    private static PodBuilder pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .withNamespace("shop")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .endContainer()
                .endSpec();
    }
}
