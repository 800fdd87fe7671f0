package dev.coracle.controllers.namespace;

import dev.coracle.controllers.apiresource.ApiResource;
import dev.coracle.controllers.apiresource.Discovery;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deletes everything in a namespace that has a deletionTimestamp; when nothing is left, removes the
 * finalizer that holds the namespace. Pods take their grace period, so the last one's going is what
 * ends it.
 */
public final class NamespaceController {

    private static final String FINALIZER = "kubernetes";
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final Informer<Namespace> namespaces;
    private final Discovery discovery;
    private final ControlLoop<NamespacedName> loop;

    public NamespaceController(KubernetesClient client, ClusterInformers informers) {
        this.client = client;
        this.namespaces = informers.namespaces;
        this.discovery = new Discovery(client);
        this.loop = new ControlLoop<>("namespace", 2, this::reconcile);
        namespaces.onAnyChange(namespace -> enqueue(NamespacedName.of(namespace)));
        informers.pods.onChange((before, after) ->
                Optional.ofNullable(after == null ? before : null).ifPresent(this::gone));
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void gone(Pod pod) {
        enqueue(new NamespacedName("", pod.getMetadata().getNamespace()));
    }

    private void enqueue(NamespacedName key) {
        if (namespaces.find(key).filter(NamespaceController::isTerminating).isPresent()) {
            loop.enqueue(key);
        }
    }

    private static boolean isTerminating(Namespace namespace) {
        return namespace.getMetadata().getDeletionTimestamp() != null;
    }

    private void reconcile(NamespacedName key) {
        Optional<Namespace> namespace =
                namespaces.find(key).filter(NamespaceController::isTerminating);
        if (namespace.isEmpty()) {
            return;
        }
        boolean left = false;
        for (ApiResource resource : discovery.listResources()) {
            if (resource.namespaced()
                    && resource.verbs().contains("delete")
                    && resource.verbs().contains("list")) {
                left |= deleteAll(resource, key.name());
            }
        }
        if (left) {
            loop.enqueueAfter(key, LOOK_AGAIN);
        } else {
            finish(namespace.get());
        }
    }

    /** Deletes the collection; true if objects are left that end later. */
    private boolean deleteAll(ApiResource resource, String namespace) {
        String path = resource.path(namespace);
        if (names(path).isEmpty()) {
            return false;
        }
        if (resource.verbs().contains("deletecollection")) {
            String _ = client.raw(path, "DELETE", null);
        } else {
            for (String name : names(path)) {
                String _ = client.raw(path + "/" + name, "DELETE", null);
            }
        }
        return !names(path).isEmpty();
    }

    private List<String> names(String path) {
        String answer = client.raw(path);
        if (answer == null) {
            return List.of();
        }
        Map<?, ?> list = Serialization.unmarshal(answer, Map.class);
        return list.get("items") instanceof List<?> items
                ? items.stream().flatMap(item -> findName(item).stream()).toList()
                : List.of();
    }

    private static Optional<String> findName(Object item) {
        return item instanceof Map<?, ?> object
                        && object.get("metadata") instanceof Map<?, ?> metadata
                        && metadata.get("name") instanceof String name
                ? Optional.of(name)
                : Optional.empty();
    }

    private void finish(Namespace namespace) {
        if (namespace.getSpec() == null
                || namespace.getSpec().getFinalizers() == null
                || !namespace.getSpec().getFinalizers().contains(FINALIZER)) {
            return;
        }
        Namespace released =
                new NamespaceBuilder(namespace)
                        .editSpec()
                        .removeFromFinalizers(FINALIZER)
                        .endSpec()
                        .build();
        String path = "/api/v1/namespaces/" + namespace.getMetadata().getName() + "/finalize";
        try {
            String _ = client.raw(path, "PUT", released);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
