package dev.coracle.nodeagent.place;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.podnetwork.NodeRoutes;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.podnetwork.PodNetwork;
import dev.coracle.nodeagent.runtime.ContainerRuntime;
import dev.coracle.nodeagent.runtime.NetnsRuntime;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A network namespace of the island. */
final class NetnsPlace implements Place {

    private static final Logger log = LoggerFactory.getLogger(NetnsPlace.class);

    private final NetnsFabric fabric;
    private final String node;
    private final String address;
    private final NetworkNamespace namespace;
    private final NetnsRuntime runtime;

    private NetnsPlace(NetnsFabric fabric, String node, String address, NetnsRuntime runtime) {
        this.fabric = fabric;
        this.node = node;
        this.address = address;
        this.namespace = NetworkNamespace.named(fabric.plan().nodeNamespace(node));
        this.runtime = runtime;
    }

    static Place make(
            FabricProperties properties,
            String node,
            String address,
            Path state,
            InstantSource clock)
            throws IOException {
        NetnsFabric fabric = new NetnsFabric(properties);
        fabric.ensure();
        if (fabric.keepNode(node, address)) {
            log.info("node '{}' finds the place of an earlier agent", node);
        }
        try {
            return new NetnsPlace(
                    fabric, node, address, new NetnsRuntime(clock, state.resolve("tools")));
        } catch (IOException e) {
            fabric.removeNode(node);
            throw e;
        }
    }

    @Override
    public NetworkNamespace namespace() {
        return namespace;
    }

    @Override
    public String listenAddress() {
        return "0.0.0.0";
    }

    @Override
    public ProxyMode.Chosen choose(ProxyMode wish) {
        return wish.choose(namespace.name());
    }

    @Override
    public ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    public PodLinks network(Cidr podCidr, SharedIndexInformer<Node> nodes) throws IOException {
        PodNetwork network = new PodNetwork(fabric.plan(), node, address, podCidr);
        fabric.routePods(podCidr.toString(), address);
        nodes.addEventHandler(new NodeRoutes(network, node));
        return network;
    }

    @Override
    public Path handles() {
        return fabric.plan().mounts(node);
    }

    @Override
    public AddressPlan addresses() {
        return fabric.plan().addresses();
    }

    @Override
    public List<Service> seenByPods(List<Service> services) {
        return services;
    }

    @Override
    public void close() throws IOException {
        runtime.close();
        namespace.close();
        fabric.removeNode(node);
    }
}
