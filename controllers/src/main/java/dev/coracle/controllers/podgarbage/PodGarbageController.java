package dev.coracle.controllers.podgarbage;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.pod.Disruption;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Removes {@link PodGarbage} soon after it has become so. */
public final class PodGarbageController {

    /** As kube-controller-manager's {@code --terminated-pod-gc-threshold}. */
    private static final int MOST_ENDED = 12_500;

    /** Of many changes one look is enough. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    private static final String ALL = "pods";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final InstantSource clock;
    private final ControlLoop<String> loop;

    public PodGarbageController(
            KubernetesClient client, ClusterInformers informers, InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.clock = clock;
        this.loop = new ControlLoop<>("podgarbage", 1, _ -> collect());
        informers.pods.onAnyChange(pod -> {
            if (Pods.isFinished(pod) || Pods.isTerminating(pod)) {
                loop.enqueueAfter(ALL, DELAY);
            }
        });
        informers.nodes.onChange((before, after) -> {
            if (after != null && (before == null || !taints(before).equals(taints(after)))) {
                loop.enqueueAfter(ALL, DELAY);
            }
        });
    }

    public ControlLoop<String> loop() {
        return loop;
    }

    private static List<Taint> taints(Node node) {
        return node.getSpec() == null || node.getSpec().getTaints() == null
                ? List.of()
                : node.getSpec().getTaints();
    }

    private void collect() {
        PodGarbage garbage =
                PodGarbage.of(informers.pods.list(), informers.nodes.list(), MOST_ENDED);
        garbage.ended().forEach(this::remove);
        for (Pod pod : garbage.leaving()) {
            Disruption.fail(client, pod, "PodGC: node is out of service", clock.instant());
            remove(pod);
        }
        for (Pod pod : garbage.unplaced()) {
            Disruption.fail(client, pod, "", clock.instant());
            remove(pod);
        }
    }

    private void remove(Pod pod) {
        var _ = client.pods().resource(pod).withGracePeriod(0).delete();
    }
}
