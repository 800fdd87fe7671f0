package dev.coracle.controllers.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Arrays;
import java.util.List;
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
            assertThat(Scheduling.place(pod("p").build(), List.of(cordoned, tainted, state("c"))))
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
            assertThat(Scheduling.place(tolerant, List.of(tainted)))
                    .isEqualTo(new Placement.Fits("b"));
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
            assertThat(Scheduling.place(picky, List.of(state("a"), fast)))
                    .isEqualTo(new Placement.Fits("b"));
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
            var placement = Scheduling.place(large, List.of(state("a"), state("b"), cordoned));
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
            assertThat(Scheduling.place(pod("p").build(), List.of(silent)))
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
            assertThat(Scheduling.place(half, List.of(state("a", half))))
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
            assertThat(Scheduling.place(web, List.of(state("a", web), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(Scheduling.place(web, List.of(state("a", web))))
                    .isInstanceOf(Placement.Unschedulable.class);
        }

        @Test
        void refusesWhatItDoesNotSupportByName() {
            Pod apart =
                    pod("p").editSpec()
                            .withNewAffinity()
                            .withNewPodAntiAffinity()
                            .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                            .withTopologyKey("x")
                            .endRequiredDuringSchedulingIgnoredDuringExecution()
                            .endPodAntiAffinity()
                            .endAffinity()
                            .endSpec()
                            .build();
            var placement = (Placement.Unschedulable) Scheduling.place(apart, List.of(state("a")));
            assertThat(placement.message())
                    .contains("required pod (anti-)affinity is not supported");
        }
    }

    @Nested
    class Scores {

        @Test
        void spreadsThePodsOfOneController() {
            Pod sibling = owned("web-1");
            assertThat(Scheduling.place(owned("web-2"), List.of(state("a", sibling), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
            assertThat(
                            Scheduling.place(
                                    owned("web-3"),
                                    List.of(
                                            state("a", sibling),
                                            state("b", owned("web-2")),
                                            state("c", pod("x").build(), pod("y").build()))))
                    .isEqualTo(new Placement.Fits("c"));
        }

        @Test
        void prefersTheEmptierNode() {
            assertThat(
                            Scheduling.place(
                                    pod("p").build(),
                                    List.of(state("a", pod("x").build()), state("b"))))
                    .isEqualTo(new Placement.Fits("b"));
        }
    }

    private static NodeState state(String name, Pod... pods) {
        return new NodeState(node(name).build(), Arrays.asList(pods));
    }

    private static NodeBuilder node(String name) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
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
}
