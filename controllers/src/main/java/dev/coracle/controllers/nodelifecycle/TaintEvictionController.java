package dev.coracle.controllers.nodelifecycle;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.Disruption;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.scheduling.Tolerations;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deletes the pods of a node that do not tolerate its taints of effect {@code NoExecute}, at once
 * or when their {@code tolerationSeconds} are over. The taints of a node that does not answer are
 * {@link NodeLifecycleController}'s.
 */
public final class TaintEvictionController {

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;

    /** Since when each pod's node has been tainted, by uid; of one worker only. */
    private final Map<String, Map<String, Instant>> marked = new HashMap<>();

    public TaintEvictionController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("tainteviction", 1, this::reconcile);
        informers.nodes.onChange((before, after) -> {
            if (after != null && (isTainted(after) || (before != null && isTainted(before)))) {
                loop.enqueue(NamespacedName.of(after));
            }
        });
        informers.pods.onChange((_, pod) -> {
            String node = pod == null ? null : pod.getSpec().getNodeName();
            if (node != null && !node.isEmpty()) {
                NamespacedName key = new NamespacedName("", node);
                informers
                        .nodes
                        .find(key)
                        .filter(TaintEvictionController::isTainted)
                        .ifPresent(_ -> loop.enqueue(key));
            }
        });
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private static boolean isTainted(Node node) {
        return !taints(node).isEmpty();
    }

    private static List<Taint> taints(Node node) {
        if (node.getSpec() == null || node.getSpec().getTaints() == null) {
            return List.of();
        }
        return node.getSpec().getTaints().stream()
                .filter(taint -> "NoExecute".equals(taint.getEffect()))
                .filter(taint -> !taint.getKey().equals(NodeHealth.NOT_READY))
                .filter(taint -> !taint.getKey().equals(NodeHealth.UNREACHABLE))
                .toList();
    }

    private void reconcile(NamespacedName key) {
        Optional<Node> node = informers.nodes.find(key);
        List<Taint> taints = node.map(TaintEvictionController::taints).orElse(List.of());
        Map<String, Instant> since = marked.computeIfAbsent(key.name(), _ -> new HashMap<>());
        List<Pod> pods =
                informers.pods.list().stream()
                        .filter(pod -> key.name().equals(pod.getSpec().getNodeName()))
                        .filter(Pods::isActive)
                        .toList();
        since.keySet().retainAll(pods.stream().map(pod -> pod.getMetadata().getUid()).toList());
        Instant now = clock.instant();
        for (Pod pod : pods) {
            String uid = pod.getMetadata().getUid();
            Optional<Duration> stay = Tolerations.findStay(pod, taints);
            if (stay.isEmpty()) {
                if (since.remove(uid) != null) {
                    tell(pod, "Cancelling deletion of Pod ");
                }
                continue;
            }
            Instant end = since.computeIfAbsent(uid, _ -> now).plus(stay.get());
            if (end.isAfter(now)) {
                loop.enqueueAfter(key, Duration.between(now, end));
            } else {
                tell(pod, "Marking for deletion Pod ");
                Disruption.mark(
                        client,
                        pod,
                        "DeletionByTaintManager",
                        "Taint manager: deleting due to NoExecute taint",
                        now);
                var _ = client.pods().resource(pod).delete();
            }
        }
        if (taints.isEmpty()) {
            marked.remove(key.name());
        }
    }

    private void tell(Pod pod, String what) {
        events.normal(pod, "TaintManagerEviction", what + NamespacedName.of(pod));
    }
}
