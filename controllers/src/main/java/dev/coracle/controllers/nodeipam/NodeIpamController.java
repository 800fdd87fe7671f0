package dev.coracle.controllers.nodeipam;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes {@code spec.podCIDR} of nodes that have none; what was written is never changed. */
public final class NodeIpamController {

    private final KubernetesClient client;
    private final Informer<Node> nodes;
    private final EventRecorder events;
    private final PodNetwork network;
    private final ControlLoop<NamespacedName> loop;

    /**
     * What this loop wrote and the informer may not show yet, by node; confined to the one worker.
     */
    private final Map<String, String> written = new HashMap<>();

    public NodeIpamController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            PodNetwork network) {
        this.client = client;
        this.nodes = informers.nodes;
        this.events = events;
        this.network = network;
        this.loop = new ControlLoop<>("nodeipam", 1, this::reconcile);
        nodes.onAnyChange(node -> loop.enqueue(NamespacedName.of(node)));
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void reconcile(NamespacedName key) {
        Optional<Node> found = nodes.find(key);
        if (found.isEmpty()) {
            written.remove(key.name());
            return;
        }
        if (found.get().getSpec() != null && found.get().getSpec().getPodCIDR() != null) {
            return;
        }
        String known = written.get(key.name());
        String part = known != null ? known : network.allocate(taken()).orElse(null);
        if (part == null) {
            events.normal(
                    found.get(),
                    "CIDRNotAvailable",
                    "Node " + key.name() + " status is now: CIDRNotAvailable");
            return;
        }
        client.nodes()
                .withName(key.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"podCIDR\":\"%s\",\"podCIDRs\":[\"%s\"]}}"
                                .formatted(part, part));
        written.put(key.name(), part);
    }

    private Set<String> taken() {
        Set<String> taken = new HashSet<>(written.values());
        for (Node node : nodes.list()) {
            if (node.getSpec() != null && node.getSpec().getPodCIDR() != null) {
                taken.add(node.getSpec().getPodCIDR());
            }
        }
        return taken;
    }
}
