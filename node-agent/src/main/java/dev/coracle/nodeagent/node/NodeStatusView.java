package dev.coracle.nodeagent.node;

import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.stats.Pressure;
import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The Node object of a machine. Pure. */
final class NodeStatusView {

    private static final String VERSION = "v1.33.0+coracle";
    private static final String PODS = "250";
    private static final int MOST_IMAGES = 50;

    private NodeStatusView() {}

    /** The object to register. */
    static Node node(String name, Machine machine) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels(name, machine))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    static Map<String, String> labels(String name, Machine machine) {
        return Map.of(
                "kubernetes.io/hostname",
                name,
                "kubernetes.io/os",
                "linux",
                "kubernetes.io/arch",
                machine.architecture(),
                "beta.kubernetes.io/os",
                "linux",
                "beta.kubernetes.io/arch",
                machine.architecture());
    }

    /**
     * The status to write.
     *
     * @param ready empty if pods can run, else why not
     * @param pressure what it is short of
     * @param images what was loaded or pulled; the largest are told
     * @param known conditions as they are, whose transition times are kept
     */
    static NodeStatus status(
            String name,
            String address,
            Machine machine,
            String runtimeVersion,
            String ready,
            Pressure pressure,
            List<NodeCondition> known,
            List<StoredImage> images,
            Instant now) {
        Map<String, Quantity> capacity =
                Map.of(
                        "cpu", new Quantity(Integer.toString(machine.cpus())),
                        "memory", new Quantity(machine.memoryBytes() / 1024 + "Ki"),
                        "ephemeral-storage", new Quantity(machine.diskBytes() / 1024 + "Ki"),
                        "pods", new Quantity(PODS));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .addNewAddress(address, "InternalIP")
                .addNewAddress(name, "Hostname")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(10250)
                .endDaemonEndpoints()
                .withImages(images(images))
                .withConditions(conditions(ready, pressure, known, now))
                .withNewNodeInfo()
                .withMachineID(machine.machineId())
                .withSystemUUID(machine.systemUuid())
                .withBootID(machine.bootId())
                .withKernelVersion(machine.kernelVersion())
                .withOsImage(machine.osImage())
                .withContainerRuntimeVersion(runtimeVersion)
                .withKubeletVersion(VERSION)
                .withKubeProxyVersion(VERSION)
                .withOperatingSystem("linux")
                .withArchitecture(machine.architecture())
                .endNodeInfo()
                .build();
    }

    private static List<ContainerImage> images(List<StoredImage> images) {
        return images.stream()
                .sorted(Comparator.comparingLong(StoredImage::sizeBytes).reversed())
                .limit(MOST_IMAGES)
                .map(image ->
                        new ContainerImageBuilder()
                                .addAllToNames(image.digests())
                                .addAllToNames(image.names())
                                .withSizeBytes(image.sizeBytes())
                                .build())
                .toList();
    }

    private static List<NodeCondition> conditions(
            String notReady, Pressure pressure, List<NodeCondition> known, Instant now) {
        boolean ready = notReady.isEmpty();
        List<NodeCondition> conditions = new ArrayList<>();
        conditions.add(
                condition(
                        known,
                        "MemoryPressure",
                        pressure.memory(),
                        pressure.memory()
                                ? "KubeletHasInsufficientMemory"
                                : "KubeletHasSufficientMemory",
                        pressure.memory()
                                ? "kubelet has insufficient memory available"
                                : "kubelet has sufficient memory available",
                        now));
        conditions.add(
                condition(
                        known,
                        "DiskPressure",
                        pressure.disk(),
                        pressure.disk() ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
                        pressure.disk()
                                ? "kubelet has disk pressure"
                                : "kubelet has no disk pressure",
                        now));
        conditions.add(
                condition(
                        known,
                        "PIDPressure",
                        pressure.pids(),
                        pressure.pids() ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
                        pressure.pids()
                                ? "kubelet has insufficient PID available"
                                : "kubelet has sufficient PID available",
                        now));
        conditions.add(
                condition(
                        known,
                        "NetworkUnavailable",
                        !ready,
                        ready ? "RouteCreated" : "NoRouteCreated",
                        ready ? "pod network is set up" : notReady,
                        now));
        conditions.add(
                condition(
                        known,
                        "Ready",
                        ready,
                        ready ? "KubeletReady" : "KubeletNotReady",
                        ready ? "node-agent is posting ready status" : notReady,
                        now));
        return conditions;
    }

    private static NodeCondition condition(
            List<NodeCondition> known,
            String type,
            boolean value,
            String reason,
            String message,
            Instant now) {
        String status = value ? "True" : "False";
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String since = time;
        for (NodeCondition before : known) {
            if (type.equals(before.getType()) && status.equals(before.getStatus())) {
                since = Objects.requireNonNullElse(before.getLastTransitionTime(), time);
            }
        }
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(time)
                .withLastTransitionTime(since)
                .build();
    }
}
