package dev.coracle.controllers.disruption;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps the status of PodDisruptionBudgets. */
public final class DisruptionController {

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;

    /** The uids of budgets that are known to be about no pod. */
    private final Set<String> empty = ConcurrentHashMap.newKeySet();

    public DisruptionController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("disruption", 2, this::reconcile);
        informers.podDisruptionBudgets.onAnyChange(b -> loop.enqueue(NamespacedName.of(b)));
        informers.pods.onChange(this::podChanged);
        informers.replicaSets.onAnyChange(this::ownerChanged);
        informers.statefulSets.onAnyChange(this::ownerChanged);
        informers.replicationControllers.onAnyChange(this::ownerChanged);
        informers.deployments.onAnyChange(this::ownerChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void podChanged(@Nullable Pod before, @Nullable Pod after) {
        for (Pod pod : new Pod[] {before, after}) {
            if (pod == null) {
                continue;
            }
            String namespace = pod.getMetadata().getNamespace();
            for (PodDisruptionBudget budget : informers.podDisruptionBudgets.listIn(namespace)) {
                if (covers(budget, pod)) {
                    loop.enqueue(NamespacedName.of(budget));
                }
            }
        }
    }

    /** How many pods there should be may have changed. */
    private void ownerChanged(HasMetadata owner) {
        informers
                .podDisruptionBudgets
                .listIn(owner.getMetadata().getNamespace())
                .forEach(budget -> loop.enqueue(NamespacedName.of(budget)));
    }

    /** An empty selector covers the whole namespace, none covers nothing. */
    private static boolean covers(PodDisruptionBudget budget, Pod pod) {
        return budget.getSpec().getSelector() != null
                && Selectors.matches(budget.getSpec().getSelector(), Selectors.labels(pod));
    }

    private void reconcile(NamespacedName key) {
        Optional<PodDisruptionBudget> found = informers.podDisruptionBudgets.find(key);
        if (found.isEmpty() || found.get().getMetadata().getDeletionTimestamp() != null) {
            found.ifPresent(budget -> empty.remove(budget.getMetadata().getUid()));
            return;
        }
        PodDisruptionBudget budget = found.get();
        List<Pod> pods =
                informers.pods.listIn(key.namespace()).stream()
                        .filter(pod -> covers(budget, pod))
                        .toList();
        String uid = budget.getMetadata().getUid();
        if (!pods.isEmpty()) {
            empty.remove(uid);
        } else if (empty.add(uid)) {
            events.normal(budget, "NoPods", "No matching pods found");
        }
        PodDisruptionBudget changed;
        try {
            changed = Budget.of(budget, pods, expected(budget, pods), clock.instant());
            tellOfUndeleted(budget, pods, changed);
        } catch (UnknownScaleException e) {
            String why = String.valueOf(e.getMessage());
            events.warning(
                    budget,
                    "CalculateExpectedPodCountFailed",
                    "Failed to calculate the number of expected pods: " + why);
            changed = Budget.failed(budget, why, clock.instant());
        }
        if (!changed.getStatus().equals(budget.getStatus())) {
            var _ = client.policy().v1().podDisruptionBudget().resource(changed).updateStatus();
        }
        if (!changed.getStatus().getDisruptedPods().isEmpty()) {
            loop.enqueueAfter(key, Budget.PATIENCE);
        }
    }

    /** A pod's controller does not say how many pods it wants. */
    private static final class UnknownScaleException extends RuntimeException {
        UnknownScaleException(String message) {
            super(message);
        }
    }

    private int expected(PodDisruptionBudget budget, List<Pod> pods) {
        if (!Budget.asksControllers(budget)) {
            return pods.size();
        }
        Map<String, Integer> byController = new HashMap<>();
        boolean anyUnmanaged = false;
        for (Pod pod : pods) {
            Optional<OwnerReference> owner = Owners.findController(pod);
            if (owner.isEmpty()) {
                anyUnmanaged = true;
            } else if (!byController.containsKey(owner.get().getUid())) {
                byController.put(owner.get().getUid(), scale(pod, owner.get()));
            }
        }
        if (anyUnmanaged) {
            events.warning(
                    budget,
                    "UnmanagedPods",
                    "Pods selected by this PodDisruptionBudget (selector: "
                            + selector(budget)
                            + ") were found to be unmanaged. As a result, the status of the PDB"
                            + " cannot be calculated correctly, which may result in undefined"
                            + " behavior. To account for these pods please set"
                            + " \".spec.minAvailable\" field of the PDB to an integer value.");
        }
        return byController.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** As upstream prints a selector. */
    private static String selector(PodDisruptionBudget budget) {
        StringBuilder text = new StringBuilder("&LabelSelector{MatchLabels:map[string]string{");
        Map<String, String> labels = budget.getSpec().getSelector().getMatchLabels();
        new TreeMap<>(labels == null ? Map.of() : labels)
                .forEach((key, value) -> text.append(key + ": " + value + ","));
        text.append("},MatchExpressions:[]LabelSelectorRequirement{");
        for (LabelSelectorRequirement each : budget.getSpec().getSelector().getMatchExpressions()) {
            text.append(
                    "LabelSelectorRequirement{Key:%s,Operator:%s,Values:[%s],},"
                            .formatted(
                                    each.getKey(),
                                    each.getOperator(),
                                    String.join(" ", each.getValues())));
        }
        return text.append("},}").toString();
    }

    /** An eviction was let through, and its pod is still there. */
    private void tellOfUndeleted(
            PodDisruptionBudget before, List<Pod> pods, PodDisruptionBudget after) {
        if (before.getStatus() == null || before.getStatus().getDisruptedPods() == null) {
            return;
        }
        pods.stream()
                .filter(pod -> !Pods.isTerminating(pod))
                .filter(pod -> {
                    String name = pod.getMetadata().getName();
                    return before.getStatus().getDisruptedPods().containsKey(name)
                            && !after.getStatus().getDisruptedPods().containsKey(name);
                })
                .forEach(pod ->
                        events.warning(
                                pod,
                                "NotDeleted",
                                "Pod was expected by PDB %s/%s to be deleted but it wasn't"
                                        .formatted(
                                                before.getMetadata().getNamespace(),
                                                before.getMetadata().getName())));
    }

    private int scale(Pod pod, OwnerReference owner) {
        NamespacedName name = new NamespacedName(pod.getMetadata().getNamespace(), owner.getName());
        Optional<Integer> replicas =
                switch (owner.getKind()) {
                    case "ReplicaSet" -> informers.replicaSets.find(name).map(this::scale);
                    case "StatefulSet" ->
                            informers.statefulSets.find(name).map(s -> s.getSpec().getReplicas());
                    case "ReplicationController" ->
                            informers
                                    .replicationControllers
                                    .find(name)
                                    .map(c -> c.getSpec().getReplicas());
                    case String _ -> Optional.empty();
                };
        return replicas.orElseThrow(() -> new UnknownScaleException(why(pod, owner)));
    }

    private static String why(Pod pod, OwnerReference owner) {
        return switch (owner.getKind()) {
            case "ReplicaSet", "StatefulSet", "ReplicationController" ->
                    "found no controllers for pod \"" + pod.getMetadata().getName() + "\"";
            case "Job" -> "jobs.batch does not implement the scale subresource";
            case "DaemonSet" -> "daemonsets.apps does not implement the scale subresource";
            case String kind -> kind + " does not implement the scale subresource";
        };
    }

    /** During a rollout two ReplicaSets share what their Deployment wants. */
    private int scale(ReplicaSet replicaSet) {
        return Owners.findController(replicaSet)
                .filter(owner -> owner.getKind().equals("Deployment"))
                .flatMap(owner ->
                        informers.deployments.find(
                                new NamespacedName(
                                        replicaSet.getMetadata().getNamespace(), owner.getName())))
                .map(deployment -> deployment.getSpec().getReplicas())
                .orElse(replicaSet.getSpec().getReplicas());
    }
}
