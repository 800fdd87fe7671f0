package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.Cidr;
import java.util.List;

/**
 * One port of one Service.
 *
 * @param name {@code namespace/name:port/protocol}
 * @param fronts where it is reached
 * @param targets where connections end
 * @param affinitySeconds how long a client that is silent keeps its backend, 0 for not at all
 * @param sourceRanges who may use the load balancer's addresses; empty means everybody
 */
record ServiceRule(
        String name,
        Protocol protocol,
        List<Front> fronts,
        Targets targets,
        int affinitySeconds,
        List<Cidr> sourceRanges) {

    ServiceRule {
        fronts = fronts.stream().distinct().toList();
        sourceRanges = List.copyOf(sourceRanges);
        if (affinitySeconds < 0) {
            throw new IllegalArgumentException(
                    "rule '" + name + "' has an affinity of " + affinitySeconds + " s");
        }
    }

    /** The transport of a rule. */
    enum Protocol {
        TCP,
        UDP;

        String lower() {
            return this == TCP ? "tcp" : "udp";
        }
    }

    /** What kind of address a Service is reached at. */
    enum Kind {
        /** Its ClusterIP. */
        CLUSTER,
        /** One of its external IPs. */
        EXTERNAL,
        /** One its load balancer has. */
        BALANCER,
        /** An address of the node. */
        NODE;

        /** Whether the policy for external traffic is asked. */
        boolean isExternal() {
            return this != CLUSTER;
        }
    }

    /** An address and port at which a Service is reached. */
    record Front(Kind kind, String address, int port) {}

    /** Where a connection may end. */
    record Backend(String address, int port) implements Comparable<Backend> {
        @Override
        public int compareTo(Backend other) {
            int byAddress = address.compareTo(other.address);
            return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
        }
    }

    /**
     * The backends by where a connection comes from. An empty list means that it is refused.
     *
     * @param internal of connections to the ClusterIP
     * @param inside of connections from this node and its pods to the other addresses
     * @param outside of connections from elsewhere to the other addresses
     * @param keepsSource whether connections to the other addresses show the client's own address
     */
    record Targets(
            List<Backend> internal,
            List<Backend> inside,
            List<Backend> outside,
            boolean keepsSource) {

        Targets {
            internal = sorted(internal);
            inside = sorted(inside);
            outside = sorted(outside);
        }

        /** The same for everybody. */
        static Targets all(List<Backend> backends) {
            return new Targets(backends, backends, backends, false);
        }

        private static List<Backend> sorted(List<Backend> backends) {
            return backends.stream().sorted().distinct().toList();
        }
    }

    /** The backends of a connection to {@code front}. */
    List<Backend> backends(Front front, boolean fromInside) {
        return !front.kind().isExternal()
                ? targets.internal()
                : fromInside ? targets.inside() : targets.outside();
    }

    /** Whether who may connect to {@code front} is restricted. */
    boolean isRestricted(Front front) {
        return front.kind() == Kind.BALANCER && !sourceRanges.isEmpty();
    }
}
