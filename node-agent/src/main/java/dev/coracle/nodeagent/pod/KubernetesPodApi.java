package dev.coracle.nodeagent.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coracle.nodeagent.node.EventRecorder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The API server, through a Kubernetes client. */
public final class KubernetesPodApi implements PodApi {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final EventRecorder events;
    private final ObjectWatches watches;

    public KubernetesPodApi(KubernetesClient client, EventRecorder events) {
        this.client = client;
        this.events = events;
        this.watches = new ObjectWatches(client);
    }

    @Override
    public Following follow(Pod pod, Runnable changed) {
        return watches.follow(pod, changed);
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return Optional.ofNullable(
                client.persistentVolumeClaims().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<PersistentVolume> persistentVolume(String name) {
        return Optional.ofNullable(client.persistentVolumes().withName(name).get());
    }

    @Override
    public Token token(Pod pod, String audience, long expirationSeconds) throws IOException {
        TokenRequest request =
                new TokenRequestBuilder()
                        .withNewMetadata()
                        .endMetadata()
                        .withNewSpec()
                        .withAudiences(audience.isEmpty() ? List.of() : List.of(audience))
                        .withExpirationSeconds(expirationSeconds)
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build();
        try {
            TokenRequest answer =
                    client.serviceAccounts()
                            .inNamespace(pod.getMetadata().getNamespace())
                            .withName(
                                    Objects.requireNonNullElse(
                                            pod.getSpec().getServiceAccountName(), "default"))
                            .tokenRequest(request);
            Instant expires = Instant.parse(answer.getStatus().getExpirationTimestamp());
            long seconds =
                    Objects.requireNonNullElse(
                            answer.getSpec().getExpirationSeconds(), expirationSeconds);
            return new Token(answer.getStatus().getToken(), expires.minusSeconds(seconds), expires);
        } catch (KubernetesClientException e) {
            throw new IOException("failed to fetch token: " + e.getMessage(), e);
        }
    }

    @Override
    public void writeStatus(Pod pod, PodStatus status) throws IOException {
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("metadata", Map.of("uid", pod.getMetadata().getUid()));
        patch.put("status", withNulls(status));
        try {
            Object _ =
                    client.pods()
                            .inNamespace(pod.getMetadata().getNamespace())
                            // by a name alone the client would get the object first
                            .resource(pod)
                            .subresource("status")
                            .patch(
                                    PatchContext.of(PatchType.STRATEGIC_MERGE),
                                    JSON.writeValueAsString(patch));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (KubernetesClientException e) {
            unlessGone(e);
        }
    }

    /** Says what is absent, so that a merge forgets what was there. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> withNulls(PodStatus status) throws JsonProcessingException {
        Map<String, Object> fields =
                JSON.readValue(Serialization.asJson(status), LinkedHashMap.class);
        for (String field : List.of("reason", "message")) {
            fields.putIfAbsent(field, null);
        }
        for (Object condition : (List<Object>) fields.getOrDefault("conditions", List.of())) {
            Map<String, Object> each = (Map<String, Object>) condition;
            each.putIfAbsent("reason", null);
            each.putIfAbsent("message", null);
        }
        fields.putIfAbsent("containerStatuses", null);
        return fields;
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
