package dev.coracle.fabric.island;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The network that this process is in as a node's place, as in a container: it gets the name a
 * node's namespace has, and everything that works in one works here. Methods block on {@code ip};
 * thread-safe.
 */
public final class OwnNetwork {

    private final FabricPlan plan;
    private final String node;
    private final String address;
    private int link;
    private @Nullable Cidr pods;

    private OwnNetwork(FabricPlan plan, String node, String address) {
        this.plan = plan;
        this.node = node;
        this.address = address;
    }

    /**
     * Takes the network over for a node. Names that an earlier agent left are removed.
     *
     * @throws IOException if no link has the address, or settings of the kernel cannot be written
     */
    public static OwnNetwork join(FabricPlan plan, String node, String address) throws IOException {
        OwnNetwork network = new OwnNetwork(plan, node, address);
        if (network.find() == null) {
            throw new IOException(
                    "no link here has the address "
                            + address
                            + "; coracle.node.address must be this container's in the nodes'"
                            + " network");
        }
        Namespaces.removeStartingWith(plan.podNamespacePrefix(node));
        Mounts.removeBelow(plan.mounts(node));
        String name = plan.nodeNamespace(node);
        if (Namespaces.exists(name)) {
            Namespaces.release(name);
        }
        String _ = Tool.run("ip", "netns", "attach", name, "" + ProcessHandle.current().pid());
        boolean _ = network.restore();
        return network;
    }

    /**
     * Sets the link up as a node's unless that is done: also a link that was taken away and given
     * back, with the same address, as engines do. Whether there was something to do.
     */
    public synchronized boolean restore() throws IOException {
        NetworkInterface now = find();
        if (now == null) {
            if (link != 0 && pods != null) {
                // an engine gives a link back only where no route is in its way
                Tool.ipBatch(List.of("route del unreachable " + pods));
            }
            link = 0;
            return false;
        }
        if (now.getIndex() == link) {
            return false;
        }
        List<String> routes = new ArrayList<>();
        routes.add("route replace " + plan.addresses().services() + " dev " + now.getName());
        routes.add("route replace " + plan.addresses().loadBalancers() + " dev " + now.getName());
        if (pods != null) {
            routes.add("route replace unreachable " + pods);
        }
        Tool.ipBatch(routes);
        try (NetworkNamespace own = NetworkNamespace.named(plan.nodeNamespace(node))) {
            Sysctl.forwardPacketsOf(own, now.getName());
        }
        link = now.getIndex();
        return true;
    }

    /** Of these addresses, those of no pod are unreachable. */
    public synchronized void claim(Cidr podCidr) throws IOException {
        Tool.ipBatch(List.of("route replace unreachable " + podCidr));
        pods = podCidr;
    }

    /** Removes pods with their processes, and the name. */
    public void leave() throws IOException {
        Namespaces.removeStartingWith(plan.podNamespacePrefix(node));
        Namespaces.release(plan.nodeNamespace(node));
    }

    private @Nullable NetworkInterface find() throws IOException {
        return NetworkInterface.getByInetAddress(InetAddress.getByName(address));
    }
}
