package dev.coracle.nodeagent.pod;

import java.time.Instant;

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
}
