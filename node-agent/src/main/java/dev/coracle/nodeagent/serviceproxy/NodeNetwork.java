package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import java.util.List;

/**
 * Where the proxy sits.
 *
 * @param namespace the node's network namespace, a name below {@code /run/netns}
 * @param addresses the node's own addresses; the first is the one it is known by
 * @param podCidr this node's pods
 * @param plan the cluster's ranges
 */
public record NodeNetwork(
        String namespace, List<String> addresses, Cidr podCidr, AddressPlan plan) {

    public NodeNetwork {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a node has an address");
        }
    }

    String nodeAddress() {
        return addresses.getFirst();
    }

    /** Whether a connection from {@code source} comes from this node or one of its pods. */
    boolean isInside(String source) {
        return addresses.contains(source) || podCidr.contains(source);
    }
}
