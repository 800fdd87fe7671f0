package dev.coracle.controllers.disruption;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.pod.Disruption;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Takes condition {@code DisruptionTarget} back from pods that were to be deleted, and after two
 * minutes were not. That of the kubelet stays, which ends pods without deleting them.
 */
public final class StaleDisruptionController {

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;

    public StaleDisruptionController(
            KubernetesClient client, ClusterInformers informers, InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.clock = clock;
        this.loop = new ControlLoop<>("stale-disruption", 1, this::reconcile);
        informers.pods.onAnyChange(pod -> {
            if (findSince(pod).isPresent()) {
                loop.enqueue(NamespacedName.of(pod));
            }
        });
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void reconcile(NamespacedName key) {
        Optional<Pod> pod = informers.pods.find(key);
        Optional<Instant> since = pod.flatMap(StaleDisruptionController::findSince);
        if (since.isEmpty()) {
            return;
        }
        Duration left = Duration.between(clock.instant(), since.get().plus(Budget.PATIENCE));
        if (left.isPositive()) {
            loop.enqueueAfter(key, left);
            return;
        }
        var _ = client.pods().resource(withdrawn(pod.get(), clock.instant())).updateStatus();
    }

    /** Since when the pod is to be deleted, if it is and may yet stay. */
    static Optional<Instant> findSince(Pod pod) {
        if (Pods.isTerminating(pod) || Pods.isFinished(pod)) {
            return Optional.empty();
        }
        return Pods.findCondition(pod, Disruption.TYPE)
                .filter(condition -> condition.getStatus().equals("True"))
                .filter(condition -> !"TerminationByKubelet".equals(condition.getReason()))
                .map(PodCondition::getLastTransitionTime)
                .map(Instant::parse);
    }

    static Pod withdrawn(Pod pod, Instant now) {
        return new PodBuilder(pod)
                .editStatus()
                .removeMatchingFromConditions(
                        condition -> condition.getType().equals(Disruption.TYPE))
                .addNewCondition()
                .withType(Disruption.TYPE)
                .withStatus("False")
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .endCondition()
                .endStatus()
                .build();
    }
}
