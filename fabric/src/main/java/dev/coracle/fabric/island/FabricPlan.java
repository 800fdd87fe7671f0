package dev.coracle.fabric.island;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything the island consists of, as names and as text for {@code ip -batch}. Pure.
 *
 * @param prefix starts every name
 * @param addresses who has which address
 */
public record FabricPlan(String prefix, AddressPlan addresses) {

    /** Marks the host routes that are ours. */
    static final String ROUTE_PROTOCOL = "167";

    private static final String BRIDGE = "br0";

    public String fabricNamespace() {
        return prefix + "-fabric";
    }

    public String nodeNamespace(String node) {
        return prefix + "-node-" + node;
    }

    /** The namespace of a pod, {@code id} being unique on the node. */
    public String podNamespace(String node, String id) {
        return podNamespacePrefix(node) + id;
    }

    /** Starts the name of every pod namespace of a node, and of no other namespace. */
    public String podNamespacePrefix(String node) {
        return prefix + "-pod-" + node + "_";
    }

    /** Where handles of a node's other namespaces (host names, IPC) are mounted. */
    public Path mounts(String node) {
        return mounts().resolve(node);
    }

    Path mounts() {
        return Path.of("/run/coracle", prefix);
    }

    /** The host's end of its link into the island. */
    public String hostLink() {
        return prefix + "-host";
    }

    /** The bridge's port of node {@code address}. */
    static String bridgePort(String address) {
        return "n" + address.replace(".", "").substring(Math.max(0, address.length() - 12));
    }

    /** On the host, before anything can send: pod and Service addresses lead nowhere. */
    List<String> unreachableRoutes() {
        return List.of(
                "route replace unreachable " + addresses.pods() + " proto " + ROUTE_PROTOCOL,
                "route replace unreachable " + addresses.services() + " proto " + ROUTE_PROTOCOL);
    }

    /** In the fabric namespace: the bridge with the control plane's addresses. */
    List<String> bridge() {
        String length = "/" + addresses.nodes().prefixLength();
        return List.of(
                "link set lo up",
                "link add "
                        + BRIDGE
                        + " address "
                        + mac(addresses.apiServer())
                        + " type bridge forward_delay 0 stp_state 0",
                "addr add " + addresses.apiServer() + length + " dev " + BRIDGE,
                "addr add " + addresses.dnsService() + length + " dev " + BRIDGE,
                "addr add " + addresses.ingressGateway() + length + " dev " + BRIDGE,
                "link set " + BRIDGE + " up");
    }

    /** On the host: the link into the island, and the load balancer's range as local addresses. */
    List<String> hostSide() {
        return List.of(
                "link add " + hostLink() + " type veth peer name host0 netns " + fabricNamespace(),
                "addr add "
                        + addresses.host()
                        + "/"
                        + addresses.nodes().prefixLength()
                        + " dev "
                        + hostLink(),
                "link set " + hostLink() + " up",
                "route replace local "
                        + addresses.loadBalancers()
                        + " dev lo proto "
                        + ROUTE_PROTOCOL);
    }

    /** In the fabric namespace: the host's link becomes a port of the bridge. */
    List<String> hostPort() {
        return List.of("link set host0 master " + BRIDGE, "link set host0 up");
    }

    /** In the fabric namespace: a port for a node, whose other end is born in its namespace. */
    List<String> nodePort(String node, String address) {
        String port = bridgePort(address);
        return List.of(
                "link add "
                        + port
                        + " type veth peer name eth0 address "
                        + mac(address)
                        + " netns "
                        + nodeNamespace(node),
                "link set " + port + " master " + BRIDGE,
                "link set " + port + " up");
    }

    /**
     * In a node's namespace. The Service range has a route so that the node's own connections reach
     * the NAT rules; the load balancer's lives on the host.
     */
    List<String> node(String address) {
        return List.of(
                "link set lo up",
                "addr add " + address + "/" + addresses.nodes().prefixLength() + " dev eth0",
                "link set eth0 up",
                "route add " + addresses.services() + " dev eth0",
                "route add " + addresses.loadBalancers() + " via " + addresses.host());
    }

    /** In the fabric namespace: the way to a node's pods. */
    static List<String> podRoute(String podCidr, String nodeAddress) {
        return List.of("route replace " + podCidr + " via " + nodeAddress);
    }

    /** On the host: how each route of ours is removed, by its range. */
    Map<Cidr, String> routeRemovals() {
        return Map.of(
                addresses.pods(),
                "route del unreachable " + addresses.pods() + " proto " + ROUTE_PROTOCOL,
                addresses.services(),
                "route del unreachable " + addresses.services() + " proto " + ROUTE_PROTOCOL,
                addresses.loadBalancers(),
                "route del local "
                        + addresses.loadBalancers()
                        + " dev lo table local proto "
                        + ROUTE_PROTOCOL);
    }

    /**
     * The link-layer address that belongs to an IP: a node that comes back is found by those who
     * remember it, and a bridge does not take that of whichever port comes and goes.
     */
    static String mac(String address) {
        StringBuilder mac = new StringBuilder("02:c0");
        for (String octet : address.split("\\.", -1)) {
            mac.append(String.format(":%02x", Integer.parseInt(octet)));
        }
        return mac.toString();
    }

    /** One line that changes when anything of the plan does. */
    String fingerprint() {
        return prefix
                + " "
                + addresses.nodes()
                + " "
                + addresses.pods()
                + " "
                + addresses.services()
                + " "
                + addresses.loadBalancers();
    }
}
