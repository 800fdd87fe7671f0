package dev.coracle.nodeagent.podnetwork;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the other Nodes: a route per pod range. Called by one informer. */
public final class NodeRoutes implements ResourceEventHandler<Node> {

    private static final Logger log = LoggerFactory.getLogger(NodeRoutes.class);

    private final PodNetwork network;
    private final String self;
    private final Map<String, String> routes = new ConcurrentHashMap<>();

    public NodeRoutes(PodNetwork network, String self) {
        this.network = network;
        this.self = self;
    }

    @Override
    public void onAdd(Node node) {
        onUpdate(node, node);
    }

    @Override
    public void onUpdate(Node before, Node node) {
        String range = node.getSpec() == null ? null : node.getSpec().getPodCIDR();
        Optional<String> address = address(node);
        if (node.getMetadata().getName().equals(self) || range == null || address.isEmpty()) {
            return;
        }
        if (address.get().equals(routes.get(range))) {
            return;
        }
        try {
            network.routeTo(range, address.get());
            routes.put(range, address.get());
        } catch (IOException e) {
            log.warn("node '{}': no route to {}: {}", self, range, e.getMessage());
        }
    }

    @Override
    public void onDelete(Node node, boolean deletedFinalStateUnknown) {
        String range = node.getSpec() == null ? null : node.getSpec().getPodCIDR();
        if (range != null && routes.remove(range) != null) {
            try {
                network.forget(range);
            } catch (IOException e) {
                log.warn("node '{}': route to {} stays: {}", self, range, e.getMessage());
            }
        }
    }

    /** Makes all of them again. */
    public void restore() throws IOException {
        for (Map.Entry<String, String> route : routes.entrySet()) {
            network.routeTo(route.getKey(), route.getValue());
        }
    }

    private static Optional<String> address(Node node) {
        if (node.getStatus() == null) {
            return Optional.empty();
        }
        return node.getStatus().getAddresses().stream()
                .filter(a -> "InternalIP".equals(a.getType()))
                .map(NodeAddress::getAddress)
                .findFirst();
    }
}
