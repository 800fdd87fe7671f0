package dev.coracle.controllers.scheduling;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.Disruption;
import dev.coracle.controllers.pod.Pods;
import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the scheduler writes about pods. Thread-safe. */
final class PodWrites {

    private final KubernetesClient client;
    private final EventRecorder events;
    private final InstantSource clock;

    PodWrites(KubernetesClient client, EventRecorder events, InstantSource clock) {
        this.client = client;
        this.events = events;
        this.clock = clock;
    }

    /** Gives the pod its node. */
    void bind(Pod pod, String node) {
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
        events.normal(pod, "Scheduled", "Successfully assigned %s to %s".formatted(name, node));
    }

    /** Deletes a pod that makes room for another, and says so in its conditions and an event. */
    void evict(Pod victim, Pod by, String node) {
        Disruption.mark(
                client,
                victim,
                "PreemptionByScheduler",
                Scheduler.NAME + ": preempting to accommodate a higher priority pod",
                clock.instant());
        try {
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

    /**
     * Says why a pod has no node.
     *
     * @param nominated where room is being made for it, if anywhere
     */
    void explain(Pod pod, String message, @Nullable String nominated) {
        explain(pod, "Unschedulable", message, nominated);
    }

    /** Says that a pod could not be given the node that was found for it. */
    void explainFailure(Pod pod, KubernetesClientException e) {
        String why = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
        explain(
                pod,
                "SchedulerError",
                "binding rejected: running Bind plugin \"DefaultBinder\": " + why,
                null);
    }

    /** Takes the node back that room was being made on for a pod. */
    void withdraw(Pod pod) {
        Pod changed =
                new PodBuilder(pod)
                        .editOrNewStatus()
                        .withNominatedNodeName(null)
                        .endStatus()
                        .build();
        client.pods().resource(changed).updateStatus();
    }

    private void explain(Pod pod, String reason, String message, @Nullable String nominated) {
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
                        .withReason(reason)
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

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
