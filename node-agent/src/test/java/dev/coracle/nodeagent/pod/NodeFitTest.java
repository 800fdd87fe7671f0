package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeFitTest {

    private static final Node NODE =
            new NodeBuilder()
                    .withNewMetadata()
                    .withName("node-1")
                    .addToLabels("disk", "ssd")
                    .endMetadata()
                    .withNewStatus()
                    .withAllocatable(Map.of("cpu", new Quantity("2"), "pods", new Quantity("3")))
                    .endStatus()
                    .build();

    @Test
    void refusesWhatDoesNotFitBesideOthers() {
        assertThat(NodeFit.rejection(pod("a", "1500m", 0), NODE, List.of())).isEmpty();
        assertThat(NodeFit.rejection(pod("a", "1500m", 0), NODE, List.of(pod("b", "600m", 0))))
                .contains(
                        new PodAdmission.Rejection(
                                "OutOfcpu",
                                "Node didn't have enough resource: cpu, requested: 1500, used:"
                                        + " 600, capacity: 2000"));
    }

    @Test
    void refusesAPortThatIsTaken() {
        assertThat(NodeFit.rejection(pod("a", "1", 80), NODE, List.of(pod("b", "1", 80))))
                .map(PodAdmission.Rejection::reason)
                .contains("NodePorts");
        assertThat(NodeFit.rejection(pod("a", "1", 80), NODE, List.of(pod("b", "1", 81))))
                .isEmpty();
    }

    @Test
    void refusesAPodThatSelectsAnotherNode() {
        Pod pod =
                new PodBuilder(pod("a", "1", 0))
                        .editSpec()
                        .addToNodeSelector("disk", "tape")
                        .endSpec()
                        .build();
        assertThat(NodeFit.rejection(pod, NODE, List.of()))
                .map(PodAdmission.Rejection::reason)
                .contains("NodeAffinity");
    }

    @Test
    void refusesSysctlsThatChangeTheNode() {
        Pod pod =
                new PodBuilder(pod("a", "1", 0))
                        .editSpec()
                        .withNewSecurityContext()
                        .addNewSysctl("net.ipv4.tcp_syncookies", "1")
                        .addNewSysctl("vm.swappiness", "1")
                        .endSecurityContext()
                        .endSpec()
                        .build();
        assertThat(new NodeFit(Optional::empty).admit(pod))
                .contains(
                        new PodAdmission.Rejection(
                                "SysctlForbidden",
                                "forbidden sysctl: \"vm.swappiness\" not allowlisted"));
    }

    @Test
    void countsAPodUntilItIsReleased() {
        NodeFit fit = new NodeFit(() -> Optional.of(NODE));
        assertThat(fit.admit(pod("a", "2", 0))).isEmpty();
        assertThat(fit.admit(pod("b", "1", 0))).isPresent();
        fit.release(pod("a", "2", 0));
        assertThat(fit.admit(pod("b", "1", 0))).isEmpty();
    }

    private static Pod pod(String name, String cpu, int hostPort) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("app")
                .addNewPort()
                .withContainerPort(8080)
                .withHostPort(hostPort)
                .endPort()
                .withNewResources()
                .addToRequests("cpu", new Quantity(cpu))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }
}
