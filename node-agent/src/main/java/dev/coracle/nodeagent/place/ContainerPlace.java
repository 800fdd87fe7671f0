package dev.coracle.nodeagent.place;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.FabricPlan;
import dev.coracle.fabric.island.OwnNetwork;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network this process is in: in a container, the container is the node. */
final class ContainerPlace implements Place {

    private static final Logger log = LoggerFactory.getLogger(ContainerPlace.class);
    private static final long LOOK_MILLIS = 500;

    private final FabricPlan plan;
    private final OwnNetwork network;
    private final String node;
    private final String address;
    private final NetworkNamespace namespace;
    private final NetnsRuntime runtime;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("own-network").factory());

    private ContainerPlace(
            FabricPlan plan,
            OwnNetwork network,
            String node,
            String address,
            NetnsRuntime runtime) {
        this.plan = plan;
        this.network = network;
        this.node = node;
        this.address = address;
        this.namespace = NetworkNamespace.named(plan.nodeNamespace(node));
        this.runtime = runtime;
    }

    static Place make(
            FabricProperties properties,
            String node,
            String address,
            Path state,
            InstantSource clock)
            throws IOException {
        FabricPlan plan = new FabricPlan(properties.prefix(), properties.addressPlan());
        OwnNetwork network = OwnNetwork.join(plan, node, address);
        try {
            return new ContainerPlace(
                    plan, network, node, address, new NetnsRuntime(clock, state.resolve("tools")));
        } catch (IOException e) {
            network.leave();
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
        PodNetwork pods = new PodNetwork(plan, node, address, podCidr);
        network.claim(podCidr);
        NodeRoutes routes = new NodeRoutes(pods, node);
        nodes.addEventHandler(routes);
        var _ =
                watch.scheduleWithFixedDelay(
                        () -> restore(pods, routes),
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
        return pods;
    }

    /** The engine takes a container out of its network and puts it back. */
    private void restore(PodNetwork pods, NodeRoutes routes) {
        try {
            if (network.restore()) {
                log.info("node '{}' has its network back", node);
                pods.restore();
                routes.restore();
            }
        } catch (IOException e) {
            log.warn("node '{}': its network is not set up: {}", node, e.getMessage());
        }
    }

    @Override
    public Path handles() {
        return plan.mounts(node);
    }

    @Override
    public AddressPlan addresses() {
        return plan.addresses();
    }

    @Override
    public List<Service> seenByPods(List<Service> services) {
        return services;
    }

    @Override
    public void close() throws IOException {
        watch.shutdownNow();
        runtime.close();
        namespace.close();
        network.leave();
    }
}
