package dev.coracle.fabric;

import java.util.ArrayList;
import java.util.List;

/**
 * Which address is whose: four ranges that do not overlap, and the fixed addresses in them.
 *
 * @param nodes the link all nodes share, at least a /28; .1 is the bridge and the API server, .2
 *     the host, .3 the DNS service, .4 the ingress gateway, .11 and up the nodes
 * @param pods cut into one range per node by the node IPAM controller
 * @param services ClusterIPs; .1 is the API server, .10 the DNS service
 * @param loadBalancers addresses of the cloud load balancer, local to the host
 */
public record AddressPlan(Cidr nodes, Cidr pods, Cidr services, Cidr loadBalancers) {

    private static final int FIRST_NODE = 10;

    public AddressPlan {
        List<Cidr> ranges = List.of(nodes, pods, services, loadBalancers);
        List<String> names = List.of("nodes", "pods", "services", "load balancers");
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).prefixLength() > 28) {
                throw new IllegalArgumentException(
                        "the range of the "
                                + names.get(i)
                                + ", "
                                + ranges.get(i)
                                + ", is smaller than a /28");
            }
            for (int j = 0; j < i; j++) {
                if (ranges.get(i).overlaps(ranges.get(j))) {
                    throw new IllegalArgumentException(
                            "the range of the "
                                    + names.get(i)
                                    + ", "
                                    + ranges.get(i)
                                    + ", overlaps that of the "
                                    + names.get(j)
                                    + ", "
                                    + ranges.get(j));
                }
            }
        }
    }

    /** 10.89.0.0/24, 10.244.0.0/16, 10.96.0.0/16, 10.88.0.0/24. */
    public static AddressPlan defaults() {
        return new AddressPlan(
                Cidr.of("10.89.0.0/24"),
                Cidr.of("10.244.0.0/16"),
                Cidr.of("10.96.0.0/16"),
                Cidr.of("10.88.0.0/24"));
    }

    /** The same with 127 as first octet: addresses of any host, without a right. */
    public static AddressPlan onLoopback() {
        return new AddressPlan(
                Cidr.of("127.89.0.0/24"),
                Cidr.of("127.244.0.0/16"),
                Cidr.of("127.96.0.0/16"),
                Cidr.of("127.88.0.0/24"));
    }

    /** The bridge, and with it the API server's cluster side. */
    public String apiServer() {
        return nodes.address(1);
    }

    /** The host's end of its link into the island. */
    public String host() {
        return nodes.address(2);
    }

    public String dnsService() {
        return nodes.address(3);
    }

    public String ingressGateway() {
        return nodes.address(4);
    }

    /**
     * The address of the {@code number}th node, counted from 1.
     *
     * @throws IllegalArgumentException if the range has no room for it
     */
    public String node(int number) {
        if (number < 1 || FIRST_NODE + number >= nodes.size() - 1) {
            throw new IllegalArgumentException(
                    nodes
                            + " has room for nodes 1 to "
                            + (nodes.size() - 2 - FIRST_NODE)
                            + ", not for number "
                            + number);
        }
        return nodes.address(FIRST_NODE + number);
    }

    /** The ClusterIP of {@code default/kubernetes}. */
    public String kubernetesClusterIp() {
        return services.address(1);
    }

    /** The ClusterIP that pods ask for names. */
    public String dnsClusterIp() {
        return services.address(10);
    }

    /** Every range, in the order of the components. */
    public List<Cidr> ranges() {
        return List.of(nodes, pods, services, loadBalancers);
    }

    /** One sentence per range of this plan that one of {@code taken} overlaps. */
    public List<String> conflictsWith(List<Taken> taken) {
        List<String> sentences = new ArrayList<>();
        for (Cidr range : ranges()) {
            for (Taken other : taken) {
                if (range.overlaps(other.range())) {
                    sentences.add(range + " is already used by this host: " + other.description());
                }
            }
        }
        return List.copyOf(sentences);
    }

    /**
     * A range in use on the host.
     *
     * @param description what uses it, for instance {@code route 10.88.0.0/16 dev cni0}
     */
    public record Taken(Cidr range, String description) {}
}
