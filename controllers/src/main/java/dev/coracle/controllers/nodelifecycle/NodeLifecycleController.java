package dev.coracle.controllers.nodelifecycle;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.Disruption;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Judges nodes by their Leases: a silent node is {@code Unknown} and tainted, its pods are not
 * ready and, later, deleted; pods of a node that no longer exists are removed.
 *
 * <p>Silence is measured from when a renewal was seen here, so clocks need not agree.
 */
public final class NodeLifecycleController {

    private static final String LEASE_NAMESPACE = "kube-node-lease";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final Duration leaseTimeout;
    private final Duration evictionDelay;
    private final ControlLoop<NamespacedName> loop;
    private final Map<String, Instant> heard = new ConcurrentHashMap<>();
    // as they were seen last; used by the one worker
    private final Map<String, Node> registered = new HashMap<>();

    public NodeLifecycleController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock,
            Duration leaseTimeout,
            Duration evictionDelay) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.leaseTimeout = leaseTimeout;
        this.evictionDelay = evictionDelay;
        this.loop = new ControlLoop<>("nodelifecycle", 1, this::reconcile);
        informers.leases.onChange(
                (_, lease) -> Optional.ofNullable(lease).ifPresent(this::renewed));
        informers.nodes.onAnyChange(node -> loop.enqueue(NamespacedName.of(node)));
        informers.pods.onChange((_, pod) -> Optional.ofNullable(pod).ifPresent(this::changed));
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void renewed(Lease lease) {
        if (LEASE_NAMESPACE.equals(lease.getMetadata().getNamespace())) {
            heard.put(lease.getMetadata().getName(), clock.instant());
            loop.enqueue(new NamespacedName("", lease.getMetadata().getName()));
        }
    }

    private void changed(Pod pod) {
        String node = pod.getSpec().getNodeName();
        if (node != null && !node.isEmpty()) {
            NamespacedName key = new NamespacedName("", node);
            boolean known = informers.nodes.find(key).isPresent();
            if (known && heard.containsKey(node)) {
                loop.enqueue(key);
            } else {
                loop.enqueueAfter(key, leaseTimeout);
            }
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<Node> node = informers.nodes.find(key);
        if (node.isEmpty()) {
            heard.remove(key.name());
            tellOfRemoval(key.name());
            podsOf(key.name()).forEach(this::remove);
            return;
        }
        tellOfArrival(node.get());
        Instant now = clock.instant();
        Instant last = heard.computeIfAbsent(key.name(), _ -> now);
        Duration silence = Duration.between(last, now);
        NodeHealth health = NodeHealth.of(node.get(), silence, leaseTimeout);
        switch (health) {
            case NodeHealth.Ready _ -> {}
            case NodeHealth.NotReady _ -> disturb(node.get(), now);
            case NodeHealth.Unreachable _ -> {
                markUnknown(node.get(), now);
                disturb(node.get(), now);
            }
        }
        taint(node.get(), health, now);
        if (silence.compareTo(leaseTimeout) < 0) {
            loop.enqueueAfter(key, leaseTimeout.minus(silence));
        }
    }

    private void tellOfArrival(Node node) {
        String name = node.getMetadata().getName();
        Node before = registered.put(name, node);
        if (before == null || !before.getMetadata().getUid().equals(node.getMetadata().getUid())) {
            events.normal(
                    node,
                    "RegisteredNode",
                    "Node %1$s event: Registered Node %1$s in Controller".formatted(name));
        }
    }

    private void tellOfRemoval(String name) {
        Node node = registered.remove(name);
        if (node != null) {
            events.normal(
                    node,
                    "RemovingNode",
                    "Node %1$s event: Removing Node %1$s from Controller".formatted(name));
        }
    }

    private void markUnknown(Node node, Instant now) {
        // a node that never reported has no conditions to change: the taint says it
        if (NodeHealth.findReady(node).filter(c -> !"Unknown".equals(c.getStatus())).isEmpty()) {
            return;
        }
        Node changed = new NodeBuilder(node).build();
        changed.getStatus()
                .setConditions(
                        node.getStatus().getConditions().stream()
                                .map(c -> unknown(c, now))
                                .toList());
        client.nodes().resource(changed).updateStatus();
        if (NodeHealth.saidReady(node)) {
            events.normal(
                    node,
                    "NodeNotReady",
                    "Node " + node.getMetadata().getName() + " status is now: NodeNotReady");
        }
    }

    private static NodeCondition unknown(NodeCondition condition, Instant now) {
        return new NodeConditionBuilder(condition)
                .withStatus("Unknown")
                .withReason("NodeStatusUnknown")
                .withMessage("Kubelet stopped posting node status.")
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private void taint(Node node, NodeHealth health, Instant now) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        if (health.taints(taints(node), second).equals(taints(node))) {
            return;
        }
        // the status was written just now, and somebody may have tainted it: the newest decides
        client.nodes()
                .withName(node.getMetadata().getName())
                .edit(newest ->
                        new NodeBuilder(newest)
                                .editOrNewSpec()
                                .withTaints(health.taints(taints(newest), second))
                                .endSpec()
                                .build());
    }

    private static List<Taint> taints(Node node) {
        return node.getSpec() == null || node.getSpec().getTaints() == null
                ? List.of()
                : node.getSpec().getTaints();
    }

    /**
     * Marks the pods of a node that does not work as not ready, and deletes those whose time is up.
     */
    private void disturb(Node node, Instant now) {
        String name = node.getMetadata().getName();
        Instant since =
                taints(node).stream()
                        .filter(t -> "NoExecute".equals(t.getEffect()))
                        .filter(t -> t.getKey().startsWith("node.kubernetes.io/"))
                        .map(Taint::getTimeAdded)
                        .filter(Objects::nonNull)
                        .map(Instant::parse)
                        .min(Instant::compareTo)
                        .orElse(now);
        for (Pod pod : podsOf(name)) {
            if (Pods.isReady(pod)) {
                markNotReady(pod, now);
            }
            Optional<Duration> stay =
                    NodeHealth.findEvictionDelay(pod, NodeHealth.UNREACHABLE, evictionDelay);
            if (stay.isPresent() && Pods.isActive(pod)) {
                Duration left = Duration.between(now, since.plus(stay.get()));
                if (left.isPositive()) {
                    loop.enqueueAfter(NamespacedName.of(node), left);
                } else {
                    events.normal(
                            pod,
                            "TaintManagerEviction",
                            "Marking for deletion Pod " + NamespacedName.of(pod));
                    Disruption.mark(
                            client,
                            pod,
                            "DeletionByTaintManager",
                            "Taint manager: deleting due to NoExecute taint",
                            now);
                    client.pods().resource(pod).delete();
                }
            }
        }
    }

    private void markNotReady(Pod pod, Instant now) {
        Pod changed = new PodBuilder(pod).build();
        changed.getStatus()
                .setConditions(
                        pod.getStatus().getConditions().stream()
                                .map(c ->
                                        c.getType().equals("Ready")
                                                ? new PodConditionBuilder(c)
                                                        .withStatus("False")
                                                        .withReason("NodeNotReady")
                                                        .withLastTransitionTime(
                                                                now.truncatedTo(ChronoUnit.SECONDS)
                                                                        .toString())
                                                        .build()
                                                : c)
                                .toList());
        client.pods().resource(changed).updateStatus();
        events.warning(pod, "NodeNotReady", "Node is not ready");
    }

    private void remove(Pod pod) {
        Disruption.fail(client, pod, "PodGC: node no longer exists", clock.instant());
        client.pods().resource(pod).withGracePeriod(0).delete();
    }

    private List<Pod> podsOf(String node) {
        return informers.pods.list().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .toList();
    }
}
