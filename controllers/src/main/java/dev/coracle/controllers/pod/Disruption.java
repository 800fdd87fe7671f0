package dev.coracle.controllers.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Condition {@code DisruptionTarget}: a pod ends for a reason that is not its own. */
public final class Disruption {

    /** The condition that says so. */
    public static final String TYPE = "DisruptionTarget";

    private Disruption() {}

    /** Writes the condition; a pod that is gone is fine. */
    public static void mark(
            KubernetesClient client, Pod pod, String reason, String message, Instant now) {
        write(client, marked(pod, reason, message, now));
    }

    /**
     * Lets a pod that nobody runs have failed, for who waits for its end.
     *
     * @param why what the condition says; empty for no condition
     */
    public static void fail(KubernetesClient client, Pod pod, String why, Instant now) {
        if (Pods.isFinished(pod)) {
            return;
        }
        Pod marked = why.isEmpty() ? pod : marked(pod, "DeletionByPodGC", why, now);
        write(
                client,
                new PodBuilder(marked).editOrNewStatus().withPhase("Failed").endStatus().build());
    }

    private static Pod marked(Pod pod, String reason, String message, Instant now) {
        return new PodBuilder(pod)
                .editOrNewStatus()
                .removeMatchingFromConditions(c -> c.getType().equals(TYPE))
                .addNewCondition()
                .withType(TYPE)
                .withStatus("True")
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private static void write(KubernetesClient client, Pod pod) {
        try {
            var _ = client.pods().resource(pod).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
