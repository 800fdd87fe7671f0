package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.node.EventRecorder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The API server, through a Kubernetes client. */
public final class KubernetesPodApi implements PodApi {

    private final KubernetesClient client;
    private final EventRecorder events;

    public KubernetesPodApi(KubernetesClient client, EventRecorder events) {
        this.client = client;
        this.events = events;
    }

    @Override
    public void writeStatus(Pod pod, PodStatus status) throws IOException {
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("metadata", Map.of("uid", pod.getMetadata().getUid()));
        patch.put("status", status);
        try {
            Object _ =
                    client.pods()
                            .inNamespace(pod.getMetadata().getNamespace())
                            .withName(pod.getMetadata().getName())
                            .subresource("status")
                            .patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    Serialization.asJson(patch));
        } catch (KubernetesClientException e) {
            unlessGone(e);
        }
    }

    @Override
    public void remove(Pod pod) throws IOException {
        String uri =
                "/api/v1/namespaces/"
                        + pod.getMetadata().getNamespace()
                        + "/pods/"
                        + pod.getMetadata().getName();
        try {
            String _ =
                    client.raw(
                            uri,
                            "DELETE",
                            new DeleteOptionsBuilder()
                                    .withApiVersion("v1")
                                    .withKind("DeleteOptions")
                                    .withGracePeriodSeconds(0L)
                                    .withNewPreconditions()
                                    .withUid(pod.getMetadata().getUid())
                                    .endPreconditions()
                                    .build());
        } catch (KubernetesClientException e) {
            unlessGone(e);
        }
    }

    @Override
    public void event(Pod pod, EventType type, String reason, String message) {
        events.record(
                new ObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .build(),
                type.text(),
                reason,
                message);
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.ofNullable(client.configMaps().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
    }

    /** Not found, or another object by that name: the pod is gone. */
    private static void unlessGone(KubernetesClientException e) throws IOException {
        if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
                && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
