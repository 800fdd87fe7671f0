package dev.coracle.controllers.garbagecollection;

import dev.coracle.controllers.apiresource.ApiResource;
import dev.coracle.controllers.apiresource.Discovery;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Watches every kind that can be deleted and acts on the {@link OwnerGraph}'s verdicts.
 *
 * <p>Kinds are those served at the start.
 */
public final class GarbageCollector implements AutoCloseable {

    private static final Set<String> NEVER_OWNED = Set.of("Event");

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final ControlLoop<String> loop;
    private final OwnerGraph graph = new OwnerGraph();
    private final OwnerWrites writes;
    private final Map<String, ApiResource> resources = new ConcurrentHashMap<>();
    private final List<Informer<GenericKubernetesResource>> own = new CopyOnWriteArrayList<>();

    public GarbageCollector(KubernetesClient client, ClusterInformers informers) {
        this.client = client;
        this.informers = informers;
        this.writes = new OwnerWrites(client);
        this.loop = new ControlLoop<>("garbagecollection", 4, this::reconcile);
        informers
                .all()
                .forEach((type, informer) ->
                        follow(
                                HasMetadata.getApiVersion(kind(type)),
                                HasMetadata.getKind(kind(type)),
                                informer));
    }

    public ControlLoop<String> loop() {
        return loop;
    }

    /**
     * Finds and follows the kinds nobody else follows; done when their first lists are complete.
     */
    public CompletableFuture<@Nullable Void> start() {
        Set<String> shared = new HashSet<>();
        informers.all().keySet().forEach(type -> shared.add(HasMetadata.getKind(kind(type))));
        for (ApiResource resource : new Discovery(client).listResources()) {
            resources.put(key(resource.apiVersion(), resource.kind()), resource);
            boolean followed =
                    shared.contains(resource.kind()) || NEVER_OWNED.contains(resource.kind());
            if (!followed && resource.verbs().containsAll(Set.of("list", "watch", "delete"))) {
                Informer<GenericKubernetesResource> informer =
                        new Informer<>(
                                client.genericKubernetesResources(definition(resource))
                                        .inAnyNamespace());
                follow(resource.apiVersion(), resource.kind(), informer);
                own.add(informer);
            }
        }
        return CompletableFuture.allOf(
                        own.stream().map(Informer::start).toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> null);
    }

    @Override
    public void close() {
        loop.close();
        own.forEach(Informer::close);
    }

    private <T extends HasMetadata> void follow(
            String apiVersion, String kind, Informer<T> informer) {
        informer.onChange((before, after) -> changed(apiVersion, kind, before, after));
    }

    private void changed(
            String apiVersion,
            String kind,
            @Nullable HasMetadata before,
            @Nullable HasMetadata after) {
        if (after != null) {
            OwnedObject object = OwnedObject.of(apiVersion, kind, after);
            graph.put(object);
            if (!object.owners().isEmpty()
                    || object.waitsForDependents()
                    || object.orphansDependents()) {
                loop.enqueue(object.uid());
            }
            if (object.waitsForDependents()) {
                graph.dependentsOf(object.uid()).forEach(d -> loop.enqueue(d.uid()));
            }
        } else if (before != null) {
            OwnedObject object = OwnedObject.of(apiVersion, kind, before);
            graph.remove(object.uid());
            graph.dependentsOf(object.uid()).forEach(d -> loop.enqueue(d.uid()));
            object.owners().forEach(owner -> loop.enqueue(owner.getUid()));
        }
    }

    private void reconcile(String uid) {
        graph.find(uid).ifPresent(this::act);
    }

    private void act(OwnedObject object) {
        switch (graph.judge(object, this::isAbsent)) {
            case Verdict.Keep _ -> {}
            case Verdict.Delete(String policy) -> writes.delete(path(object), object.uid(), policy);
            case Verdict.DropOwners(Set<String> uids) -> writes.dropOwners(path(object), uids);
            case Verdict.RemoveFinalizer(String finalizer) ->
                    writes.removeFinalizer(path(object), finalizer);
            case Verdict.Orphan(List<OwnedObject> dependents) -> {
                dependents.forEach(d -> writes.dropOwners(path(d), Set.of(object.uid())));
                writes.removeFinalizer(path(object), OwnedObject.ORPHAN);
            }
        }
    }

    private boolean isAbsent(OwnedObject dependent, OwnerReference owner) {
        ApiResource resource = resources.get(key(owner.getApiVersion(), owner.getKind()));
        if (resource == null) {
            // a kind that is not served: nothing can be said about its objects
            return false;
        }
        try {
            return writes.findUid(resource.path(dependent.namespace(), owner.getName()))
                    .filter(owner.getUid()::equals)
                    .isEmpty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return true;
            }
            throw e;
        }
    }

    private String path(OwnedObject object) {
        ApiResource resource = resources.get(key(object.apiVersion(), object.kind()));
        if (resource == null) {
            throw new IllegalStateException(
                    "kind " + object.kind() + " of " + object.apiVersion() + " is not served");
        }
        return resource.path(object.namespace(), object.name());
    }

    private static ResourceDefinitionContext definition(ApiResource resource) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(resource.group())
                .withVersion(resource.version())
                .withKind(resource.kind())
                .withPlural(resource.plural())
                .withNamespaced(resource.namespaced())
                .build();
    }

    private static String key(String apiVersion, String kind) {
        return apiVersion + "/" + kind;
    }

    private static Class<? extends HasMetadata> kind(Class<?> type) {
        return type.asSubclass(HasMetadata.class);
    }
}
