package dev.coracle.controllers.garbagecollection;

import dev.coracle.controllers.apiresource.ApiResource;
import dev.coracle.controllers.apiresource.Discovery;
import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches every kind that can be deleted and acts on the {@link OwnerGraph}'s verdicts. When a
 * CustomResourceDefinition changes it looks which kinds are served now.
 */
public final class GarbageCollector implements AutoCloseable {

    private static final Set<String> NEVER_OWNED = Set.of("Event");
    private static final String DEFINITIONS = "apiextensions.k8s.io/CustomResourceDefinition";

    /** The key of the work to look for kinds; no uid. */
    private static final String KINDS = "kinds";

    /** Definitions come in groups, and change some times until they are established. */
    private static final Duration SETTLING = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final ControlLoop<String> loop;
    private final OwnerGraph graph = new OwnerGraph();
    private final OwnerWrites writes;
    private final EventRecorder events;
    private final Map<String, ApiResource> resources = new ConcurrentHashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Map<String, Informer<GenericKubernetesResource>> own = new ConcurrentHashMap<>();

    public GarbageCollector(
            KubernetesClient client, ClusterInformers informers, EventRecorder events) {
        this.client = client;
        this.events = events;
        this.writes = new OwnerWrites(client);
        this.loop = new ControlLoop<>("garbagecollection", 4, this::reconcile);
        informers
                .all()
                .forEach((type, informer) -> {
                    String apiVersion = HasMetadata.getApiVersion(kind(type));
                    String kind = HasMetadata.getKind(kind(type));
                    shared.add(key(apiVersion, kind));
                    follow(apiVersion, kind, informer);
                });
    }

    public ControlLoop<String> loop() {
        return loop;
    }

    /**
     * Finds and follows the kinds nobody else follows; done when their first lists are complete.
     */
    public CompletableFuture<@Nullable Void> start() {
        return CompletableFuture.allOf(
                        followKinds().stream()
                                .map(Informer::start)
                                .toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> null);
    }

    /** Follows what is served now; the informers that are new have to be started. */
    private synchronized List<Informer<GenericKubernetesResource>> followKinds() {
        List<Informer<GenericKubernetesResource>> added = new ArrayList<>();
        Set<String> served = new HashSet<>();
        for (ApiResource resource : new Discovery(client).listResources()) {
            String key = key(resource.apiVersion(), resource.kind());
            served.add(key);
            ApiResource before = resources.put(key, resource);
            if (before == null) {
                graph.listWhere(object -> isOwnedBy(object, key))
                        .forEach(object -> loop.enqueue(object.uid()));
            }
            if (before != null && !before.apiVersion().equals(resource.apiVersion())) {
                forget(key);
            }
            if (!shared.contains(key)
                    && !own.containsKey(key)
                    && !NEVER_OWNED.contains(resource.kind())
                    && resource.verbs().containsAll(Set.of("list", "watch", "delete"))) {
                Informer<GenericKubernetesResource> informer =
                        new Informer<>(
                                client.genericKubernetesResources(definition(resource))
                                        .inAnyNamespace());
                follow(resource.apiVersion(), resource.kind(), informer);
                own.put(key, informer);
                added.add(informer);
            }
        }
        for (String key : List.copyOf(own.keySet())) {
            if (!served.contains(key)) {
                forget(key);
                resources.remove(key);
            }
        }
        return added;
    }

    private static boolean isOwnedBy(OwnedObject object, String key) {
        return object.owners().stream().anyMatch(owner -> key(owner).equals(key));
    }

    /** A kind that is not served any more, or in another version: its objects are gone. */
    private void forget(String key) {
        Informer<GenericKubernetesResource> informer = own.remove(key);
        if (informer != null) {
            informer.close();
            graph.listWhere(object -> key(object.apiVersion(), object.kind()).equals(key))
                    .forEach(this::gone);
        }
    }

    @Override
    public void close() {
        loop.close();
        own.values().forEach(Informer::close);
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
        if (key(apiVersion, kind).equals(DEFINITIONS)) {
            loop.enqueueAfter(KINDS, SETTLING);
        }
        if (after != null) {
            OwnedObject object = OwnedObject.of(apiVersion, kind, after);
            graph.put(object);
            if (before == null || !Owners.of(before).equals(object.owners())) {
                tellOfMisplaced(object);
            }
            if (before == null) {
                graph.dependentsOf(object.uid()).forEach(this::tellOfMisplaced);
            }
            if (!object.owners().isEmpty()
                    || object.waitsForDependents()
                    || object.orphansDependents()) {
                loop.enqueue(object.uid());
            }
            if (object.waitsForDependents()) {
                graph.dependentsOf(object.uid()).forEach(d -> loop.enqueue(d.uid()));
            }
        } else if (before != null) {
            gone(OwnedObject.of(apiVersion, kind, before));
        }
    }

    /** Says so if an owner is in another namespace, where it owns nothing of this one. */
    private void tellOfMisplaced(OwnedObject dependent) {
        graph.findMisplacedOwner(dependent)
                .ifPresent(owner ->
                        events.warning(
                                dependent.reference(),
                                "OwnerRefInvalidNamespace",
                                "ownerRef [%1$s/%2$s, namespace: %3$s, name: %4$s, uid: %5$s] does not exist in namespace \"%3$s\""
                                        .formatted(
                                                owner.getApiVersion(),
                                                owner.getKind(),
                                                dependent.namespace(),
                                                owner.getName(),
                                                owner.getUid())));
    }

    private void gone(OwnedObject object) {
        graph.remove(object.uid());
        graph.dependentsOf(object.uid()).forEach(d -> loop.enqueue(d.uid()));
        object.owners().forEach(owner -> loop.enqueue(owner.getUid()));
    }

    private void reconcile(String key) {
        if (key.equals(KINDS)) {
            for (Informer<GenericKubernetesResource> informer : followKinds()) {
                // it tries for itself until it is closed
                var _ = informer.start();
            }
        } else {
            graph.find(key).ifPresent(this::act);
        }
    }

    private void act(OwnedObject object) {
        boolean isMisled =
                object.namespace().isEmpty()
                        && object.owners().stream()
                                .map(owner -> resources.get(key(owner)))
                                .anyMatch(kind -> kind != null && kind.namespaced());
        if (isMisled && !object.terminating()) {
            // which namespace is meant cannot be told
            return;
        }
        switch (graph.judge(object, this::isAbsent)) {
            case Verdict.Keep _ -> {}
            case Verdict.Delete(String policy) -> writes.delete(path(object), object, policy);
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
        ApiResource resource = resources.get(key(owner));
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

    private static String key(OwnerReference owner) {
        return key(owner.getApiVersion(), owner.getKind());
    }

    /** By group and kind: the versions of a kind show the same objects. */
    private static String key(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        return (slash < 0 ? "" : apiVersion.substring(0, slash)) + "/" + kind;
    }

    private static Class<? extends HasMetadata> kind(Class<?> type) {
        return type.asSubclass(HasMetadata.class);
    }
}
