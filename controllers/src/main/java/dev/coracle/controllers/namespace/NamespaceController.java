package dev.coracle.controllers.namespace;

import dev.coracle.controllers.apiresource.ApiResource;
import dev.coracle.controllers.apiresource.Discovery;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes everything in a namespace that has a deletionTimestamp, pods first; says in its
 * conditions what is left, and when nothing is removes the finalizer that holds the namespace.
 */
public final class NamespaceController {

    private static final String FINALIZER = "kubernetes";
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Informer<Namespace> namespaces;
    private final Discovery discovery;
    private final ControlLoop<NamespacedName> loop;

    public NamespaceController(
            KubernetesClient client, ClusterInformers informers, InstantSource clock) {
        this.client = client;
        this.clock = clock;
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
        Optional<Namespace> found = namespaces.find(key).filter(NamespaceController::isTerminating);
        if (found.isEmpty()) {
            return;
        }
        Remains remains = new Remains();
        List<ApiResource> resources;
        try {
            resources = discovery.listResources();
        } catch (KubernetesClientException e) {
            remains.discoveryFailed(e);
            tell(found.get(), remains);
            throw e;
        }
        deleteAll(resources, key.name(), true, remains);
        if (remains.isNothing()) {
            deleteAll(resources, key.name(), false, remains);
        }
        Namespace told = tell(found.get(), remains);
        if (remains.isNothing()) {
            finish(told);
        } else {
            loop.enqueueAfter(key, LOOK_AGAIN);
        }
    }

    /** Pods go before everything else, which they may need until they end. */
    private void deleteAll(
            List<ApiResource> resources, String namespace, boolean pods, Remains remains) {
        for (ApiResource resource : resources) {
            boolean isPods = resource.group().isEmpty() && resource.plural().equals("pods");
            if (isPods == pods
                    && resource.namespaced()
                    && resource.verbs().containsAll(Set.of("delete", "list"))) {
                try {
                    deleteAll(resource, namespace, remains);
                } catch (KubernetesClientException e) {
                    if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                        remains.failed(resource, e);
                    }
                }
            }
        }
    }

    private void deleteAll(ApiResource resource, String namespace, Remains remains) {
        String path = resource.path(namespace);
        List<ObjectMeta> objects = list(path);
        if (objects.isEmpty()) {
            return;
        }
        DeleteOptions background =
                new DeleteOptionsBuilder().withPropagationPolicy("Background").build();
        if (resource.verbs().contains("deletecollection")) {
            String _ = client.raw(path, "DELETE", background);
        } else {
            for (ObjectMeta object : objects) {
                String _ = client.raw(path + "/" + object.getName(), "DELETE", background);
            }
        }
        remains.add(resource, list(path));
    }

    private List<ObjectMeta> list(String path) {
        String answer = client.raw(path);
        return answer == null
                ? List.of()
                : Serialization.unmarshal(answer, GenericKubernetesResourceList.class)
                        .getItems()
                        .stream()
                        .map(GenericKubernetesResource::getMetadata)
                        .toList();
    }

    /** Writes what holds the namespace into its conditions. */
    private Namespace tell(Namespace namespace, Remains remains) {
        Namespace changed =
                new NamespaceBuilder(namespace)
                        .editOrNewStatus()
                        .withConditions(remains.conditions(namespace, clock.instant()))
                        .endStatus()
                        .build();
        return changed.equals(namespace)
                ? namespace
                : client.namespaces().resource(changed).updateStatus();
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
