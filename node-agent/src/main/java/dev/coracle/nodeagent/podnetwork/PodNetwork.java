package dev.coracle.nodeagent.podnetwork;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.island.FabricPlan;
import dev.coracle.fabric.island.Namespaces;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The network of one node's pods. Thread-safe; methods block on {@code ip}. */
public final class PodNetwork implements PodLinks {

    private static final String GATEWAY = "169.254.1.1";

    private static final Pattern ADDRESS = Pattern.compile("eth0 +inet ([0-9.]+)/32");

    private final FabricPlan plan;
    private final String node;
    private final String nodeAddress;
    private final PodAddresses addresses;
    private final HostPorts hostPorts;
    private final Map<String, String> links = new ConcurrentHashMap<>();

    public PodNetwork(FabricPlan plan, String node, String nodeAddress, Cidr podCidr) {
        this.plan = plan;
        this.node = node;
        this.nodeAddress = nodeAddress;
        this.addresses = new PodAddresses(podCidr);
        this.hostPorts = new HostPorts(plan.nodeNamespace(node));
    }

    @Override
    public Attachment attach(String id, List<HostPort> ports) throws IOException {
        String namespace = plan.podNamespace(node, id);
        Namespaces.remove(List.of(namespace));
        String address = addresses.allocate();
        String link = "p" + Integer.toHexString(id.hashCode()).toLowerCase(Locale.ROOT);
        try {
            Namespaces.add(namespace);
            Tool.ipBatch(
                    plan.nodeNamespace(node),
                    List.of(
                            "link add " + link + " type veth peer name eth0 netns " + namespace,
                            "addr add " + GATEWAY + "/32 dev " + link,
                            "link set " + link + " up",
                            "route replace " + address + " dev " + link + " src " + nodeAddress));
            Tool.ipBatch(
                    namespace,
                    List.of(
                            "link set lo up",
                            "addr add " + address + "/32 dev eth0",
                            "link set eth0 up",
                            "route add " + GATEWAY + " dev eth0 scope link",
                            "route add default via " + GATEWAY + " dev eth0"));
            hostPorts.open(address, ports);
            links.put(address, link);
        } catch (IOException e) {
            addresses.release(address);
            Namespaces.remove(List.of(namespace));
            throw e;
        }
        return new Attachment(id, address, Path.of("/run/netns", namespace), ports);
    }

    @Override
    public Optional<Attachment> find(String id, List<HostPort> ports) throws IOException {
        String namespace = plan.podNamespace(node, id);
        if (!Namespaces.exists(namespace)) {
            return Optional.empty();
        }
        Matcher address =
                ADDRESS.matcher(Tool.run("ip", "-n", namespace, "-4", "-o", "addr", "show"));
        if (!address.find() || !addresses.take(address.group(1))) {
            return Optional.empty();
        }
        hostPorts.open(address.group(1), ports);
        return Optional.of(
                new Attachment(id, address.group(1), Path.of("/run/netns", namespace), ports));
    }

    @Override
    public void detach(Attachment attachment) throws IOException {
        hostPorts.close(attachment.address(), attachment.ports());
        links.remove(attachment.address());
        Namespaces.remove(List.of(plan.podNamespace(node, attachment.id())));
        addresses.release(attachment.address());
    }

    @Override
    public Path nodeNamespace() {
        return Path.of("/run/netns", plan.nodeNamespace(node));
    }

    /** Makes the routes to pods again, which go with the node's address. */
    public void restore() throws IOException {
        for (Map.Entry<String, String> link : links.entrySet()) {
            Tool.ipBatch(
                    plan.nodeNamespace(node),
                    List.of(
                            "route replace "
                                    + link.getKey()
                                    + " dev "
                                    + link.getValue()
                                    + " src "
                                    + nodeAddress));
        }
    }

    /** Makes the pods of another node reachable. Idempotent. */
    public void routeTo(String podCidr, String otherNodeAddress) throws IOException {
        Tool.ipBatch(
                plan.nodeNamespace(node),
                List.of("route replace " + podCidr + " via " + otherNodeAddress));
    }

    /** Forgets the pods of a node that has gone. */
    public void forget(String podCidr) throws IOException {
        Tool.ipBatch(plan.nodeNamespace(node), List.of("route del " + podCidr));
    }
}
