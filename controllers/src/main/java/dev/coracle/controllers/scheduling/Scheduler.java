package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Binds pods that name {@code default-scheduler} and have no node. One worker decides, pod after
 * pod.
 *
 * <p>Pods that fit nowhere wait until a node changes or a pod leaves one.
 */
public final class Scheduler {

    private static final String NAME = "default-scheduler";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;
    private final ClaimedVolumes claims;
    private final Set<NamespacedName> waiting = ConcurrentHashMap.newKeySet();

    /**
     * Pods bound here that the informer still shows without node, by uid; confined to the worker.
     */
    private final Map<String, Pod> assumed = new HashMap<>();

    public Scheduler(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("scheduler", 1, this::reconcile);
        informers.pods.onChange(this::podChanged);
        informers.nodes.onChange(this::nodeChanged);
        informers.persistentVolumeClaims.onAnyChange(_ -> retryWaiting());
        this.claims = new ClaimedVolumes(informers);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        if (after != null && isPending(after)) {
            if (before == null || !Objects.equals(before.getSpec(), after.getSpec())) {
                loop.enqueue(NamespacedName.of(after));
            }
        } else if (after == null || Pods.isFinished(after)) {
            retryWaiting();
        }
    }

    private void nodeChanged(@Nullable Node before, @Nullable Node after) {
        if (before == null
                || after == null
                || !Objects.equals(before.getSpec(), after.getSpec())
                || !Objects.equals(
                        before.getMetadata().getLabels(), after.getMetadata().getLabels())
                || !allocatable(before).equals(allocatable(after))) {
            retryWaiting();
        }
    }

    /** Nothing for a node that has not reported yet. */
    private static Demand allocatable(Node node) {
        return new NodeState(node, List.of()).allocatable();
    }

    private void retryWaiting() {
        Set.copyOf(waiting).stream()
                .sorted(Comparator.comparingInt(this::priority).reversed())
                .forEach(key -> {
                    waiting.remove(key);
                    loop.enqueue(key);
                });
    }

    private int priority(NamespacedName key) {
        return informers.pods.find(key).map(Preemption::priority).orElse(0);
    }

    private void reconcile(NamespacedName key) {
        Optional<Pod> pod = informers.pods.find(key).filter(this::isPending);
        if (pod.isEmpty() || assumed.containsKey(pod.get().getMetadata().getUid())) {
            return;
        }
        // before the look at the nodes, so that a change during it is not missed
        waiting.add(key);
        List<NodeState> nodes = nodeStates();
        Optional<String> unbound = claims.objection(pod.get());
        if (unbound.isPresent()) {
            String message = "0/%d nodes are available: %s.".formatted(nodes.size(), unbound.get());
            explain(pod.get(), message, null);
            return;
        }
        List<NodeState> reachable = claims.reachable(pod.get(), nodes);
        Map<String, Map<String, String>> namespaces = namespaces();
        switch (Scheduling.place(pod.get(), reachable, namespaces)) {
            case Placement.Fits(String node) -> {
                bind(pod.get(), node);
                waiting.remove(key);
            }
            case Placement.Unschedulable refused ->
                    preempt(pod.get(), refused, reachable, namespaces);
        }
    }

    private Map<String, Map<String, String>> namespaces() {
        Map<String, Map<String, String>> labels = new HashMap<>();
        informers
                .namespaces
                .list()
                .forEach(namespace ->
                        labels.put(namespace.getMetadata().getName(), Selectors.labels(namespace)));
        return labels;
    }

    /** Makes room if pods of lower priority are in the way; the pod is tried again when they go. */
    private void preempt(
            Pod pod,
            Placement.Unschedulable refused,
            List<NodeState> reachable,
            Map<String, Map<String, String>> namespaces) {
        boolean mayPreempt = !"Never".equals(pod.getSpec().getPreemptionPolicy());
        if (isMakingRoom(pod)) {
            explain(pod, refused.message(), null);
            return;
        }
        Optional<Preemption.Victims> victims =
                Preemption.find(pod, reachable, refused.resolvableNames(), namespaces);
        if (victims.isEmpty()) {
            explain(pod, refused.messageAfterPreemption(mayPreempt), null);
            return;
        }
        for (Pod victim : victims.get().pods()) {
            evict(victim, pod, victims.get().node());
        }
        explain(pod, refused.message(), victims.get().node());
    }

    /** Whether pods it has preempted are still going. */
    private boolean isMakingRoom(Pod pod) {
        String node = pod.getStatus() == null ? null : pod.getStatus().getNominatedNodeName();
        return node != null
                && informers.pods.list().stream()
                        .anyMatch(other ->
                                node.equals(other.getSpec().getNodeName())
                                        && Pods.isTerminating(other)
                                        && Preemption.priority(other) < Preemption.priority(pod));
    }

    private void evict(Pod victim, Pod by, String node) {
        Pod marked =
                new PodBuilder(victim)
                        .editOrNewStatus()
                        .addNewCondition()
                        .withType("DisruptionTarget")
                        .withStatus("True")
                        .withReason("PreemptionByScheduler")
                        .withMessage(NAME + ": preempting to accommodate a higher priority pod")
                        .withLastTransitionTime(now())
                        .endCondition()
                        .endStatus()
                        .build();
        try {
            var _ = client.pods().resource(marked).updateStatus();
            var _ = client.pods().resource(victim).delete();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        events.normal(
                victim,
                "Preempted",
                "Preempted by pod %s on node %s".formatted(by.getMetadata().getUid(), node));
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private boolean isPending(Pod pod) {
        String node = pod.getSpec().getNodeName();
        var gates = pod.getSpec().getSchedulingGates();
        String scheduler = pod.getSpec().getSchedulerName();
        return (node == null || node.isEmpty())
                && (gates == null || gates.isEmpty())
                && (scheduler == null || scheduler.equals(NAME))
                && Pods.isActive(pod);
    }

    private List<NodeState> nodeStates() {
        Map<String, List<Pod>> byNode = new HashMap<>();
        for (Pod pod : informers.pods.list()) {
            String node = pod.getSpec().getNodeName();
            if (node != null && !node.isEmpty()) {
                assumed.remove(pod.getMetadata().getUid());
                if (!Pods.isFinished(pod)) {
                    byNode.computeIfAbsent(node, _ -> new ArrayList<>()).add(pod);
                }
            }
        }
        assumed.values().removeIf(pod -> informers.pods.find(NamespacedName.of(pod)).isEmpty());
        for (Pod pod : assumed.values()) {
            byNode.computeIfAbsent(pod.getSpec().getNodeName(), _ -> new ArrayList<>()).add(pod);
        }
        return informers.nodes.list().stream()
                .map(node ->
                        new NodeState(
                                node, byNode.getOrDefault(node.getMetadata().getName(), List.of())))
                .toList();
    }

    private void bind(Pod pod, String node) {
        NamespacedName name = NamespacedName.of(pod);
        Binding binding =
                new BindingBuilder()
                        .withNewMetadata()
                        .withNamespace(name.namespace())
                        .withName(name.name())
                        .withUid(pod.getMetadata().getUid())
                        .endMetadata()
                        .withNewTarget()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(node)
                        .endTarget()
                        .build();
        String path =
                "/api/v1/namespaces/%s/pods/%s/binding".formatted(name.namespace(), name.name());
        String _ = client.raw(path, "POST", binding);
        assumed.put(
                pod.getMetadata().getUid(),
                new PodBuilder(pod).editSpec().withNodeName(node).endSpec().build());
        events.normal(pod, "Scheduled", "Successfully assigned %s to %s".formatted(name, node));
    }

    /**
     * Says why a pod has no node.
     *
     * @param nominated where room is being made for it, if anywhere
     */
    private void explain(Pod pod, String message, @Nullable String nominated) {
        Optional<PodCondition> known = Pods.findCondition(pod, "PodScheduled");
        if (nominated == null && known.filter(c -> message.equals(c.getMessage())).isPresent()) {
            return;
        }
        events.warning(pod, "FailedScheduling", message);
        String now = now();
        List<PodCondition> conditions = new ArrayList<>();
        if (pod.getStatus() != null && pod.getStatus().getConditions() != null) {
            pod.getStatus().getConditions().stream()
                    .filter(c -> !c.getType().equals("PodScheduled"))
                    .forEach(conditions::add);
        }
        conditions.add(
                new PodConditionBuilder()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage(message)
                        .withLastTransitionTime(
                                known.map(PodCondition::getLastTransitionTime).orElse(now))
                        .build());
        Pod changed =
                new PodBuilder(pod)
                        .editOrNewStatus()
                        .withConditions(conditions)
                        .withNominatedNodeName(
                                nominated == null && pod.getStatus() != null
                                        ? pod.getStatus().getNominatedNodeName()
                                        : nominated)
                        .endStatus()
                        .build();
        client.pods().resource(changed).updateStatus();
    }
}
