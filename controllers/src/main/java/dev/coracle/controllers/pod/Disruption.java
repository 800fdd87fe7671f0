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

    private static final String TYPE = "DisruptionTarget";

    private Disruption() {}

    /** Writes the condition; a pod that is gone or has changed is left to whoever comes again. */
    public static void mark(
            KubernetesClient client, Pod pod, String reason, String message, Instant now) {
        Pod marked =
                new PodBuilder(pod)
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
        try {
            var _ = client.pods().resource(marked).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
