package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.AddressPlan;

/**
 * Where the proxy sits.
 *
 * @param namespace the node's network namespace, a name below {@code /run/netns}
 * @param nodeAddress the node's own address
 * @param podCidr this node's pods
 * @param plan the cluster's ranges
 */
public record NodeNetwork(String namespace, String nodeAddress, String podCidr, AddressPlan plan) {}
