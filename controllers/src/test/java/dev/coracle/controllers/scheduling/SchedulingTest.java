package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedulingTest {

    @Nested
    class Filters {

        @Test
        void passesOverCordonedAndTaintedNodes() {
            NodeState cordoned =
                    NodeState.of(
                            node("a").editSpec().withUnschedulable(true).endSpec().build(),
                            List.of());
            NodeState tainted =
                    NodeState.of(
                            node("b")
                                    .editSpec()
                                    .addNewTaint("NoSchedule", "gpu", null, "yes")
                                    .endSpec()
                                    .build(),
                            List.of());
            assertThat(place(pod("p").build(), List.of(cordoned, tainted, state("c"))))
                    .isEqualTo(new Placement.Fits("c"));
        }

        @Test
        void letsTolerantPodsIn() {
            NodeState tainted =
                    NodeState.of(
                            node("b")
                                    .editSpec()
                                    .addNewTaint("NoExecute", "gpu", null, "yes")
                                    .endSpec()
                                    .build(),
                            List.of());
            Pod tolerant =
                    pod("p").editSpec()
                            .addNewToleration()
                            .withKey("gpu")
                            .withValue("yes")
                            .endToleration()
                            .endSpec()
                            .build();
            assertThat(place(tolerant, List.of(tainted))).isEqualTo(new Placement.Fits("b"));
        }

        @Test
        void obeysTheNodeSelector() {
            NodeState fast =
                    NodeState.of(
                            node("b")
                                    .editMetadata()
                                    .addToLabels("disk", "ssd")
                                    .endMetadata()
                                    .build(),
                            List.of());
            Pod picky = pod("p").editSpec().addToNodeSelector("disk", "ssd").endSpec().build();
            assertThat(place(picky, List.of(state("a"), fast))).isEqualTo(new Placement.Fits("b"));
        }

        @Test
        void saysWhyNoNodeTakesThePod() {
            Pod large =
                    pod("p").editSpec()
                            .editFirstContainer()
                            .withNewResources()
                            .addToRequests("cpu", new Quantity("3"))
                            .endResources()
                            .endContainer()
                            .endSpec()
                            .build();
            NodeState cordoned =
                    NodeState.of(
                            node("c").editSpec().withUnschedulable(true).endSpec().build(),
                            List.of());
            var placement = place(large, List.of(state("a"), state("b"), cordoned));
            assertThat(((Placement.Unschedulable) placement).message())
                    .isEqualTo(
                            "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable.");
        }

        @Test
        void putsNothingOnANodeThatHasNotReportedYet() {
            NodeState silent =
                    NodeState.of(
                            new NodeBuilder().withNewMetadata().withName("a").endMetadata().build(),
                            List.of());
            assertThat(place(pod("p").build(), List.of(silent)))
                    .isInstanceOf(Placement.Unschedulable.class);
        }

        @Test
        void countsWhatPodsOnTheNodeHaveAskedFor() {
            Pod half =
                    pod("p").editSpec()
                            .editFirstContainer()
                            .withNewResources()
                            .addToRequests("cpu", new Quantity("1100m"))
                            .endResources()
                            .endContainer()
                            .endSpec()
                            .build();
            assertThat(place(half, List.of(state("a", half))))
                    .isInstanceOf(Placement.Unschedulable.class);
        }

        @Test
        void refusesASecondPodOnAHostPort() {
            Pod web =
                    pod("p").editSpec()
                            .editFirstContainer()
                            .addNewPort()
                            .withContainerPort(80)
                            .withHostPort(80)
                            .endPort()
                            .endContainer()
                            .endSpec()
                            .build();
            assertThat(place(web, List.of(state("a", web), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(place(web, List.of(state("a", web))))
                    .isInstanceOf(Placement.Unschedulable.class);
        }

        @Test
        void bindsAPortOnceForEachAddress() {
            assertThat(place(hostPort("127.0.0.1"), List.of(state("a", hostPort("127.0.0.2")))))
                    .isEqualTo(new Placement.Fits("a"));
            assertThat(why(hostPort("127.0.0.1"), state("a", hostPort("0.0.0.0"))))
                    .contains("1 node(s) didn't have free ports for the requested pod ports");
        }

        private Pod hostPort(String address) {
            return pod("p").editSpec()
                    .editFirstContainer()
                    .addNewPort()
                    .withHostIP(address)
                    .withHostPort(80)
                    .endPort()
                    .endContainer()
                    .endSpec()
                    .build();
        }
    }

    @Nested
    class OtherPods {

        private final Pod cache =
                pod("cache").editMetadata().addToLabels("app", "cache").endMetadata().build();

        @Test
        void areWanted() {
            Pod web =
                    pod("web")
                            .editSpec()
                            .withNewAffinity()
                            .withNewPodAffinity()
                            .addToRequiredDuringSchedulingIgnoredDuringExecution(term("cache"))
                            .endPodAffinity()
                            .endAffinity()
                            .endSpec()
                            .build();
            assertThat(place(web, List.of(state("a"), state("b", cache))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(why(web, state("a"))).contains("1 node(s) didn't match pod affinity rules");
            Pod first =
                    new PodBuilder(web)
                            .editMetadata()
                            .addToLabels("app", "cache")
                            .endMetadata()
                            .build();
            assertThat(place(first, List.of(state("a")))).isEqualTo(new Placement.Fits("a"));
        }

        @Test
        void areKeptAwayFrom() {
            Pod alone =
                    pod("alone")
                            .editSpec()
                            .withNewAffinity()
                            .withNewPodAntiAffinity()
                            .addToRequiredDuringSchedulingIgnoredDuringExecution(term("cache"))
                            .endPodAntiAffinity()
                            .endAffinity()
                            .endSpec()
                            .build();
            assertThat(place(alone, List.of(state("a", cache), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(why(alone, state("a", cache)))
                    .contains("1 node(s) didn't match pod anti-affinity rules");
            assertThat(why(cache, state("a", alone)))
                    .contains("1 node(s) didn't satisfy existing pods anti-affinity rules");
        }

        @Test
        void areSpreadOverDomains() {
            Pod web =
                    new PodBuilder(cache)
                            .editSpec()
                            .addNewTopologySpreadConstraint()
                            .withMaxSkew(1)
                            .withTopologyKey("kubernetes.io/hostname")
                            .withWhenUnsatisfiable("DoNotSchedule")
                            .withNewLabelSelector()
                            .addToMatchLabels("app", "cache")
                            .endLabelSelector()
                            .endTopologySpreadConstraint()
                            .endSpec()
                            .build();
            assertThat(place(web, List.of(state("a", cache), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            NodeState cordoned =
                    NodeState.of(
                            node("b").editSpec().withUnschedulable(true).endSpec().build(),
                            List.of());
            assertThat(why(web, state("a", cache), cordoned))
                    .contains("1 node(s) didn't match pod topology spread constraints");
            NodeState bare =
                    NodeState.of(
                            node("c").editMetadata().withLabels(Map.of()).endMetadata().build(),
                            List.of());
            assertThat(why(web, bare)).contains("(missing required label)");
        }

        private PodAffinityTerm term(String app) {
            return new PodAffinityTermBuilder()
                    .withTopologyKey("kubernetes.io/hostname")
                    .withNewLabelSelector()
                    .addToMatchLabels("app", app)
                    .endLabelSelector()
                    .build();
        }
    }

    @Nested
    class Victims {

        @Test
        void areAsFewAndAsUnimportantAsWillDo() {
            List<NodeState> nodes =
                    List.of(
                            state("a", prio("a1", 5, "1"), prio("a2", 1, "1")),
                            state("b", prio("b1", 2, "1"), prio("b2", 1, "1")),
                            state("c", prio("c1", 20, "2")));
            Preemption.Victims victims = victims(prio("new", 10, "1"), nodes).orElseThrow();
            assertThat(victims.node()).isEqualTo("a");
            assertThat(victims.pods())
                    .extracting(p -> p.getMetadata().getName())
                    .containsExactly("a2");
            assertThat(victims(prio("new", 1, "1"), nodes)).isEmpty();
            Pod meek =
                    new PodBuilder(prio("new", 10, "1"))
                            .editSpec()
                            .withPreemptionPolicy("Never")
                            .endSpec()
                            .build();
            assertThat(victims(meek, nodes)).isEmpty();
        }

        @Test
        void areSparedWhenAPodElsewhereIsInTheWayToo() {
            Pod loner =
                    new PodBuilder(prio("loner", 10, "2"))
                            .editMetadata()
                            .addToLabels("app", "loner")
                            .endMetadata()
                            .editSpec()
                            .withNewAffinity()
                            .withNewPodAntiAffinity()
                            .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                            .withTopologyKey("zone")
                            .withNewLabelSelector()
                            .addToMatchLabels("app", "loner")
                            .endLabelSelector()
                            .endRequiredDuringSchedulingIgnoredDuringExecution()
                            .endPodAntiAffinity()
                            .endAffinity()
                            .endSpec()
                            .build();
            NodeState full = inZone(node("a"), prio("low", 1, "2"));
            NodeState cordoned =
                    inZone(node("b").editSpec().withUnschedulable(true).endSpec(), loner);
            var refused = (Placement.Unschedulable) place(loner, List.of(full, cordoned));
            assertThat(refused.resolvableNames()).containsExactly("a");
            assertThat(victims(loner, List.of(full, cordoned), refused.resolvableNames()))
                    .isEmpty();
        }

        private NodeState inZone(NodeBuilder node, Pod... pods) {
            return NodeState.of(
                    node.editMetadata().addToLabels("zone", "z").endMetadata().build(),
                    Arrays.asList(pods));
        }

        private Optional<Preemption.Victims> victims(Pod pod, List<NodeState> nodes) {
            return victims(
                    pod, nodes, nodes.stream().map(NodeState::name).collect(Collectors.toSet()));
        }

        private Optional<Preemption.Victims> victims(
                Pod pod,
                List<NodeState> nodes,
                Set<String> candidates,
                PodDisruptionBudget... budgets) {
            return new Preemption(
                            PlacedPod.of(pod),
                            List.of(),
                            ClusterView.of(nodes, Map.of()),
                            List.of(budgets))
                    .find(candidates);
        }

        @Test
        void areThoseThatABudgetProtectsLast() {
            Pod guarded = labelled(prio("guarded", 1, "2"), "guarded");
            Pod charged = labelled(prio("charged", 1, "2"), "guarded");
            Pod free = prio("free", 5, "2");
            PodDisruptionBudget budget =
                    new PodDisruptionBudgetBuilder()
                            .withNewMetadata()
                            .withNamespace("shop")
                            .endMetadata()
                            .withNewSpec()
                            .withNewSelector()
                            .addToMatchLabels("app", "guarded")
                            .endSelector()
                            .endSpec()
                            .withNewStatus()
                            .withDisruptionsAllowed(0)
                            .addToDisruptedPods("charged", "2026-01-01T00:00:00Z")
                            .endStatus()
                            .build();
            Pod wish = prio("new", 10, "2");
            assertThat(
                            victims(
                                    wish,
                                    List.of(state("a", guarded), state("b", free)),
                                    Set.of("a", "b"),
                                    budget))
                    .contains(new Preemption.Victims("b", List.of(free), 0));
            assertThat(victims(wish, List.of(state("a", guarded)), Set.of("a"), budget))
                    .contains(new Preemption.Victims("a", List.of(guarded), 1));
            assertThat(victims(wish, List.of(state("a", charged)), Set.of("a"), budget))
                    .contains(new Preemption.Victims("a", List.of(charged), 0));
        }

        @Test
        void areThoseThatBeganLast() {
            Pod old = started(prio("old", 1, "2"), "2026-01-01T00:00:00Z");
            Pod young = started(prio("young", 1, "2"), "2026-01-01T00:00:01Z");
            assertThat(victims(prio("new", 10, "2"), List.of(state("a", old), state("b", young))))
                    .map(Preemption.Victims::node)
                    .contains("b");
        }

        private Pod labelled(Pod pod, String app) {
            return new PodBuilder(pod).editMetadata().addToLabels("app", app).endMetadata().build();
        }

        private Pod started(Pod pod, String at) {
            return new PodBuilder(pod).withNewStatus().withStartTime(at).endStatus().build();
        }

        @Test
        void areSpokenOfWhenThereAreNone() {
            var placement =
                    (Placement.Unschedulable)
                            place(prio("new", 1, "3"), List.of(state("a"), state("b")));
            assertThat(placement.messageAfterPreemption(true))
                    .isEqualTo(
                            "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are"
                                    + " available: 2 No preemption victims found for incoming pod.");
        }

        private Pod prio(String name, int priority, String cpu) {
            return pod(name)
                    .editSpec()
                    .withPriority(priority)
                    .editFirstContainer()
                    .withNewResources()
                    .addToRequests("cpu", new Quantity(cpu))
                    .endResources()
                    .endContainer()
                    .endSpec()
                    .build();
        }
    }

    @Nested
    class LargeClusters {

        @Test
        void areGoneThroughInTurns() {
            List<NodeState> nodes =
                    IntStream.range(0, 300).mapToObj(i -> state("n%03d".formatted(i))).toList();
            Sampling sampling = new Sampling();
            List<Placement> chosen =
                    IntStream.range(0, 3)
                            .mapToObj(i ->
                                    new Scheduling(
                                                    PlacedPod.of(pod("p" + i).build()),
                                                    List.of(),
                                                    ClusterView.of(nodes, Map.of()))
                                            .place(sampling))
                            .toList();
            assertThat(Sampling.enough(300)).isEqualTo(144);
            assertThat(chosen)
                    .containsExactly(
                            new Placement.Fits("n000"),
                            new Placement.Fits("n144"),
                            new Placement.Fits("n000"));
        }

        @Test
        void areAskedInPartOnly() {
            assertThat(Sampling.enough(99)).isEqualTo(99);
            assertThat(Sampling.enough(100)).isEqualTo(100);
            assertThat(Sampling.enough(1000)).isEqualTo(420);
            assertThat(Sampling.enough(10000)).isEqualTo(500);
        }
    }

    @Nested
    class Scores {

        @Test
        void spreadsThePodsOfOneController() {
            Pod sibling = owned("web-1");
            assertThat(place(owned("web-2"), List.of(state("a", sibling), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(
                            place(
                                    owned("web-3"),
                                    List.of(
                                            state("a", sibling),
                                            state("b", owned("web-2")),
                                            state("c", pod("x").build(), pod("y").build()))))
                    .isEqualTo(new Placement.Fits("c"));
        }

        @Test
        void prefersWhatLeavesCpuAndMemoryEvenlyUsed() {
            Pod thirsty = asking("x", "1", "100Mi");
            Pod hungry = asking("y", "200m", "512Mi");
            assertThat(
                            place(
                                    asking("p", "1", "100Mi"),
                                    List.of(state("a", thirsty), state("b", hungry))))
                    .isEqualTo(new Placement.Fits("b"));
        }

        @Test
        void prefersTheNodeThatHasALargeImage() {
            NodeState stocked =
                    NodeState.of(
                            node("b")
                                    .editStatus()
                                    .addNewImage()
                                    .withNames("big:latest")
                                    .withSizeBytes(2_000_000_000L)
                                    .endImage()
                                    .endStatus()
                                    .build(),
                            List.of());
            Pod big =
                    pod("p").editSpec()
                            .editFirstContainer()
                            .withImage("big")
                            .endContainer()
                            .endSpec()
                            .build();
            assertThat(place(big, List.of(state("a"), stocked))).isEqualTo(new Placement.Fits("b"));
        }

        @Test
        void hearsWhatPodsThatAreThereLike() {
            Pod fan =
                    pod("fan")
                            .editSpec()
                            .withNewAffinity()
                            .withNewPodAffinity()
                            .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                            .withWeight(50)
                            .withNewPodAffinityTerm()
                            .withTopologyKey("kubernetes.io/hostname")
                            .withNewLabelSelector()
                            .addToMatchLabels("app", "star")
                            .endLabelSelector()
                            .endPodAffinityTerm()
                            .endPreferredDuringSchedulingIgnoredDuringExecution()
                            .endPodAffinity()
                            .endAffinity()
                            .endSpec()
                            .build();
            Pod star = pod("star").editMetadata().addToLabels("app", "star").endMetadata().build();
            assertThat(place(star, List.of(state("a"), state("b", fan))))
                    .isEqualTo(new Placement.Fits("b"));
        }

        private Pod asking(String name, String cpu, String memory) {
            return pod(name)
                    .editSpec()
                    .editFirstContainer()
                    .withNewResources()
                    .addToRequests("cpu", new Quantity(cpu))
                    .addToRequests("memory", new Quantity(memory))
                    .endResources()
                    .endContainer()
                    .endSpec()
                    .build();
        }

        @Test
        void prefersTheEmptierNode() {
            assertThat(place(pod("p").build(), List.of(state("a", pod("x").build()), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
        }
    }

    private static String why(Pod pod, NodeState... nodes) {
        return ((Placement.Unschedulable) place(pod, List.of(nodes))).message();
    }

    private static NodeState state(String name, Pod... pods) {
        return NodeState.of(node(name).build(), Arrays.asList(pods));
    }

    private static NodeBuilder node(String name) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("kubernetes.io/hostname", name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addToAllocatable("cpu", new Quantity("2"))
                .addToAllocatable("memory", new Quantity("1Gi"))
                .addToAllocatable("pods", new Quantity("110"))
                .endStatus();
    }

    private static PodBuilder pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .endContainer()
                .endSpec();
    }

    private static Pod owned(String name) {
        return pod(name)
                .editMetadata()
                .addNewOwnerReference()
                .withController(true)
                .withKind("ReplicaSet")
                .withUid("rs")
                .endOwnerReference()
                .endMetadata()
                .build();
    }

    private static Placement place(Pod pod, List<NodeState> nodes) {
        return new Scheduling(
                        PlacedPod.of(pod),
                        List.of(),
                        ClusterView.of(nodes, Map.of("shop", Map.of("team", "a"))))
                .place(new Sampling());
    }
}
