package dev.coracle.fabric.island;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The network that this process is in as a node's place, as in a container: it gets the name a
 * node's namespace has, and everything that works in one works here. All methods block on {@code
 * ip}.
 */
public final class OwnNetwork {

    private final FabricPlan plan;
    private final String node;
    private final String link;

    private OwnNetwork(FabricPlan plan, String node, String link) {
        this.plan = plan;
        this.node = node;
        this.link = link;
    }

    /**
     * Takes the network over for a node. Names that an earlier agent left are removed.
     *
     * @throws IOException if no link has the address, or settings of the kernel cannot be written
     */
    public static OwnNetwork join(FabricPlan plan, String node, String address) throws IOException {
        String link = linkOf(Tool.run("ip", "-4", "-o", "addr", "show"), address);
        Namespaces.removeStartingWith(plan.podNamespacePrefix(node));
        Mounts.removeBelow(plan.mounts(node));
        String name = plan.nodeNamespace(node);
        if (Namespaces.exists(name)) {
            Namespaces.release(name);
        }
        String _ = Tool.run("ip", "netns", "attach", name, "" + ProcessHandle.current().pid());
        OwnNetwork network = new OwnNetwork(plan, node, link);
        Tool.ipBatch(
                List.of(
                        "route replace " + plan.addresses().services() + " dev " + link,
                        "route replace " + plan.addresses().loadBalancers() + " dev " + link));
        try (NetworkNamespace own = NetworkNamespace.named(name)) {
            Sysctl.forwardPacketsOf(own, link);
        }
        return network;
    }

    /** What has no pod in this range is unreachable, and others on the link are told who has it. */
    public void claim(Cidr podCidr) throws IOException {
        Tool.ipBatch(List.of("route replace unreachable " + podCidr));
    }

    /** Removes pods with their processes, and the name. */
    public void leave() throws IOException {
        Namespaces.removeStartingWith(plan.podNamespacePrefix(node));
        Namespaces.release(plan.nodeNamespace(node));
    }

    /** The link to the other nodes. */
    public String link() {
        return link;
    }

    static String linkOf(String addresses, String address) throws IOException {
        Matcher line =
                Pattern.compile("(?m)^\\d+: ([^ @]+)\\S* +inet " + Pattern.quote(address) + "/")
                        .matcher(addresses);
        if (!line.find()) {
            throw new IOException(
                    "no link here has the address "
                            + address
                            + "; coracle.node.address must be this container's in the nodes' network");
        }
        return line.group(1);
    }
}
