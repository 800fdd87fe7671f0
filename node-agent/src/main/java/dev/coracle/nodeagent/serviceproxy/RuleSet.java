package dev.coracle.nodeagent.serviceproxy;

import java.util.List;

/**
 * Everything a node's service proxy should do, as data.
 *
 * @param rules sorted by name
 */
record RuleSet(List<ServiceRule> rules) {

    RuleSet {
        rules = List.copyOf(rules);
    }

    /** The transport of a rule. */
    enum Protocol {
        TCP,
        UDP;

        String lower() {
            return this == TCP ? "tcp" : "udp";
        }
    }

    /** Where a connection may end. */
    record Backend(String address, int port) implements Comparable<Backend> {
        @Override
        public int compareTo(Backend other) {
            int byAddress = address.compareTo(other.address);
            return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
        }
    }

    /**
     * One port of one Service.
     *
     * @param name {@code namespace/name:port}
     * @param addresses ClusterIP, external IPs and load balancer addresses; not empty
     * @param port the port at those addresses
     * @param nodePort the port at the node's address, 0 for none
     * @param backends of connections to {@code addresses}; empty means refuse
     * @param nodePortBackends of connections to the node port; empty means refuse
     * @param keepsSource whether a node port's backend sees the client's address
     * @param sticky whether a client address keeps its backend while the list stays the same
     */
    record ServiceRule(
            String name,
            Protocol protocol,
            List<String> addresses,
            int port,
            int nodePort,
            List<Backend> backends,
            List<Backend> nodePortBackends,
            boolean keepsSource,
            boolean sticky) {

        ServiceRule {
            addresses = List.copyOf(addresses);
            backends = backends.stream().sorted().distinct().toList();
            nodePortBackends = nodePortBackends.stream().sorted().distinct().toList();
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("rule '" + name + "' has no address");
            }
        }
    }
}
