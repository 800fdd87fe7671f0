package dev.coracle.nodeagent.place;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.UserPorts;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.podnetwork.LoopbackLinks;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import dev.coracle.nodeagent.runtime.ContainerRuntime;
import dev.coracle.nodeagent.runtime.PlainRuntime;
import dev.coracle.nodeagent.serviceproxy.LoopbackRules;
import dev.coracle.nodeagent.serviceproxy.ProxyMode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loopback addresses of the host, and plain processes. */
final class LoopbackPlace implements Place {

    private final FabricProperties fabric;
    private final String address;
    private final Path state;
    private final PlainRuntime runtime;
    private volatile @Nullable LoopbackLinks links;

    LoopbackPlace(FabricProperties fabric, String address, Path state, InstantSource clock)
            throws IOException {
        this.fabric = fabric;
        this.address = address;
        this.state = state;
        this.runtime = new PlainRuntime(clock, this::podAddress);
    }

    private String podAddress(String id) throws IOException {
        LoopbackLinks known = links;
        return known == null ? address : known.address(id);
    }

    @Override
    public NetworkNamespace namespace() {
        return NetworkNamespace.host();
    }

    @Override
    public String listenAddress() {
        return address;
    }

    @Override
    public ProxyMode.Chosen choose(ProxyMode wish) {
        return new ProxyMode.Chosen(ProxyMode.USERSPACE, "the fabric is loopback");
    }

    @Override
    public ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    public PodLinks network(Cidr podCidr, SharedIndexInformer<Node> nodes) throws IOException {
        LoopbackLinks made = new LoopbackLinks(address, podCidr, state.resolve("addresses"));
        links = made;
        return made;
    }

    @Override
    public Path handles() {
        return state.resolve("handles");
    }

    @Override
    public AddressPlan addresses() {
        return fabric.addressPlan();
    }

    @Override
    public List<Service> seenByPods(List<Service> services) {
        return services.stream()
                .map(service -> LoopbackRules.asReached(service, UserPorts.here()))
                .toList();
    }

    @Override
    public void close() throws IOException {
        runtime.close();
        LoopbackLinks made = links;
        if (made != null) {
            made.close();
        }
    }
}
