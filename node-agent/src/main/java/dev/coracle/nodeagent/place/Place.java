package dev.coracle.nodeagent.place;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.runtime.ContainerRuntime;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** A node's place in the fabric. Closing it ends everything there. */
public interface Place extends AutoCloseable {

    /**
     * Makes a node's place, or finds the one that an earlier agent had.
     *
     * @param state the node's own folder
     */
    static Place of(
            FabricProperties fabric, String node, String address, Path state, InstantSource clock)
            throws IOException {
        return switch (fabric.mode()) {
            case NETNS -> NetnsPlace.make(fabric, node, address, state, clock);
            case HOST -> ContainerPlace.make(fabric, node, address, state, clock);
            case LOOPBACK -> new LoopbackPlace(fabric, address, state, clock);
        };
    }

    /** The network that the node's addresses are in. */
    NetworkNamespace namespace();

    /** Where there the agent's own pages are. */
    String listenAddress();

    ProxyMode.Chosen choose(ProxyMode wish);

    ContainerRuntime runtime();

    /**
     * Gives pods addresses of {@code podCidr}, reached from every other node. To be called once.
     */
    PodLinks network(Cidr podCidr, SharedIndexInformer<Node> nodes) throws IOException;

    /** Where sandboxes keep their handles. */
    Path handles();

    /** Who has which address. */
    AddressPlan addresses();

    /** Services as pods reach them. */
    List<Service> seenByPods(List<Service> services);

    @Override
    void close() throws IOException;
}
