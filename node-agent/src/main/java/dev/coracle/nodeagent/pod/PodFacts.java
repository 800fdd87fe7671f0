package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.podfield.PodFields;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the node knows about a pod that it runs.
 *
 * @param nodeName this node
 * @param hostAddress this node's address
 * @param podAddress the pod's, empty before it has one
 * @param startTime when this node accepted it
 */
record PodFacts(String nodeName, String hostAddress, String podAddress, Instant startTime) {

    PodFacts withPodAddress(String address) {
        return new PodFacts(nodeName, hostAddress, address, startTime);
    }

    /** What the pod's containers may be told. */
    PodFields fields(Pod pod, Optional<Node> node) {
        Map<String, Quantity> allocatable =
                node.map(Node::getStatus)
                        .map(status ->
                                Objects.requireNonNullElse(
                                        status.getAllocatable(), Map.<String, Quantity>of()))
                        .orElse(Map.of());
        return new PodFields(pod, hostAddress, podAddress, allocatable);
    }
}
