package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedulingTest {

    @Nested
    class Filters {

        @Test
        void passesOverCordonedAndTaintedNodes() {
            NodeState cordoned =
                    new NodeState(
                            node("a").editSpec().withUnschedulable(true).endSpec().build(),
                            List.of());
            NodeState tainted =
                    new NodeState(
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
                    new NodeState(
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
                    new NodeState(
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
                    new NodeState(
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
                    new NodeState(
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
                    new NodeState(
                            node("b").editSpec().withUnschedulable(true).endSpec().build(),
                            List.of());
            assertThat(why(web, state("a", cache), cordoned))
                    .contains("1 node(s) didn't match pod topology spread constraints");
            NodeState bare =
                    new NodeState(
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
            assertThat(
                            Preemption.find(
                                    loner,
                                    List.of(full, cordoned),
                                    refused.resolvableNames(),
                                    Map.of()))
                    .isEmpty();
        }

        private NodeState inZone(NodeBuilder node, Pod... pods) {
            return new NodeState(
                    node.editMetadata().addToLabels("zone", "z").endMetadata().build(),
                    Arrays.asList(pods));
        }

        private Optional<Preemption.Victims> victims(Pod pod, List<NodeState> nodes) {
            return Preemption.find(
                    pod,
                    nodes,
                    nodes.stream().map(NodeState::name).collect(Collectors.toSet()),
                    Map.of());
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
        void prefersTheEmptierNode() {
            assertThat(place(pod("p").build(), List.of(state("a", pod("x").build()), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
        }
    }

    private static String why(Pod pod, NodeState... nodes) {
        return ((Placement.Unschedulable) place(pod, List.of(nodes))).message();
    }

    private static NodeState state(String name, Pod... pods) {
        return new NodeState(node(name).build(), Arrays.asList(pods));
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
        return Scheduling.place(pod, nodes, Map.of("shop", Map.of("team", "a")));
    }
}
