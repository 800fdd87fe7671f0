package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A namespace of one test in the played cluster, and how the test looks at it. */
final class PlayedNamespace {

    static final String MERGE = "application/merge-patch+json";
    static final String STRATEGIC = "application/strategic-merge-patch+json";

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private final PlayedCluster cluster = PlayedCluster.shared();
    private final String name;

    PlayedNamespace(String prefix) {
        this.name = prefix + "-" + Long.toString(System.nanoTime(), 36);
        var _ =
                client().resource(
                                new NamespaceBuilder()
                                        .withNewMetadata()
                                        .withName(name)
                                        .endMetadata()
                                        .build())
                        .create();
        // without it no pod is admitted
        var _ =
                client().serviceAccounts()
                        .inNamespace(name)
                        .withName("default")
                        .waitUntilCondition(Objects::nonNull, 40, TimeUnit.SECONDS);
    }

    String name() {
        return name;
    }

    KubernetesClient client() {
        return cluster.client();
    }

    /** Makes an object of a description, in this namespace. */
    <T extends HasMetadata> T create(Class<T> type, String yaml) {
        return client().resource(YAML.unmarshal(yaml, type)).inNamespace(name).create();
    }

    /** The pods that are not being deleted and carry a label. */
    List<Pod> pods(String label, String value) {
        return client().pods().inNamespace(name).withLabel(label, value).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** Plays with a pod: an annotation of {@link PlayedCluster}. */
    void annotate(String pod, String key, String value) {
        change(client().pods().inNamespace(name).withName(pod), "annotations", key, value);
    }

    /** Sets an annotation or a label, whatever else is written at the same time. */
    static void change(Resource<?> object, String annotationsOrLabels, String key, String value) {
        var _ =
                object.patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"%s\":{\"%s\":%s}}}"
                                .formatted(
                                        annotationsOrLabels,
                                        key,
                                        value.isEmpty() ? "null" : "\"" + value + "\""));
    }

    /** The events about an object, as "reason: message". */
    List<String> events(HasMetadata object) {
        return client().v1().events().inNamespace(name).list().getItems().stream()
                .filter(event ->
                        Objects.equals(
                                event.getInvolvedObject().getUid(), object.getMetadata().getUid()))
                .map((Event event) -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    /** The names of those that control an object: one or none. */
    static List<String> controllers(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(OwnerReference::getName)
                .toList();
    }

    /** The path of a resource in this namespace: {@code apps/v1} or {@code v1}, and the rest. */
    String path(String version, String rest) {
        return (version.contains("/") ? "/apis/" : "/api/")
                + version
                + "/namespaces/"
                + name
                + "/"
                + rest;
    }

    /** Sends a request, which must succeed. */
    JsonNode send(String method, String path, String contentType, String body) {
        HttpResponse<String> answer = exchange(method, path, contentType, body);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JsonMapper.shared().readTree(answer.body());
    }

    JsonNode get(String path) {
        return send("GET", path, "application/json", "");
    }

    HttpResponse<String> exchange(String method, String path, String contentType, String body) {
        try (ApiClient api = cluster.server().client()) {
            return api.exchange(
                    method,
                    path,
                    Map.of("Content-Type", contentType),
                    body.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs kubectl in this namespace; it must succeed. */
    String kubectl(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", name));
        all.addAll(List.of(arguments));
        return cluster.server().kubectl(all.toArray(String[]::new)).orFail();
    }

    static void await(ThrowingRunnable assertion) {
        Await.until(PATIENCE, assertion);
    }
}
