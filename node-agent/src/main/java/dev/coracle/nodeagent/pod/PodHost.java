package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.cgroup.Cgroups;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.runtime.ContainerRuntime;
import dev.coracle.nodeagent.timing.Timers;
import dev.coracle.nodeagent.volume.ProvisionedVolumes;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What all pods of one node share.
 *
 * @param nodeName this node
 * @param nodeAddress its address
 * @param folder state of the pods, logs
 * @param handles where sandboxes keep their namespaces
 * @param dnsAddress what resolv.conf names
 * @param firstBackoff before the second restart in a row
 * @param longestBackoff between restarts
 * @param services as last seen, for environment variables
 * @param node the Node object as last seen
 */
public record PodHost(
        String nodeName,
        String nodeAddress,
        Path folder,
        Path handles,
        String dnsAddress,
        Duration firstBackoff,
        Duration longestBackoff,
        Tools tools,
        Supplier<List<Service>> services,
        Supplier<Optional<Node>> node) {

    /** The parts of the agent a pod worker works with. */
    public record Tools(
            PodApi api,
            ContainerRuntime runtime,
            ImageStore images,
            ImageSource source,
            PodLinks network,
            ProbeChecks probes,
            Cgroups cgroups,
            ProvisionedVolumes provisioned,
            Timers timers,
            InstantSource clock) {}
}
