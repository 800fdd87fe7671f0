package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the CustomResourceDefinitions: accepts their names, serves their resources, establishes
 * them, and empties those that are deleted.
 *
 * <p>The watch cache's events drive it; one virtual thread does all the work. A CRD that could not
 * be brought on, or that is written again and again, is looked at less and less often ({@link
 * Pacing}).
 */
public final class CustomResources implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CustomResources.class);
    private static final DeleteOptions BACKGROUND =
            new DeleteOptions(null, DeleteOptions.Propagation.BACKGROUND, "", "", false);

    private final WatchCache cache;
    private final Registry registry;
    private final Deletions deletions;
    private final ResourceStrategy definitions;
    private final PublishedDefinitions published;
    private final InstantSource clock;
    // names of CRDs to look at
    private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
    private final Pacing pacing;
    private final Map<String, WatchCache.Registration> emptying = new HashMap<>();
    private WatchCache.@Nullable Registration registration;
    private @Nullable Thread worker;
    private volatile boolean closed;

    public CustomResources(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            SchemaCatalog catalog,
            InstantSource clock) {
        this.cache = cache;
        this.registry = registry;
        this.deletions = new Deletions(registry);
        this.clock = clock;
        pacing = new Pacing(clock);
        definitions = new CustomResourceDefinitionStrategy(clock);
        published = new PublishedDefinitions(cache, resources, catalog);
    }

    /** Serves what is stored, before it returns, and follows what changes. */
    public void start() {
        published.publish();
        Snapshot stored = cache.snapshot(CustomResourceDefinitionStrategy.STORAGE_KEY);
        registration =
                cache.listen(
                                CustomResourceDefinitionStrategy.STORAGE_KEY,
                                stored.revision(),
                                event -> queue.add(event.object().key().name()))
                        .orElseThrow(() -> new IllegalStateException("the history is too short"));
        stored.objects().keySet().forEach(key -> queue.add(key.name()));
        worker = Thread.ofVirtual().name("custom-resources").start(this::work);
    }

    @Override
    public void close() {
        closed = true;
        if (registration != null) {
            registration.close();
        }
        if (worker != null) {
            worker.interrupt();
        }
    }

    private void work() {
        try {
            while (!closed) {
                Optional<Duration> wait = pacing.untilNext();
                String name =
                        wait.isEmpty()
                                ? queue.take()
                                : queue.poll(wait.get().toMillis(), TimeUnit.MILLISECONDS);
                if (name != null) {
                    pacing.want(name);
                    List<String> more = new ArrayList<>();
                    queue.drainTo(more);
                    more.forEach(pacing::want);
                }
                pacing.due().forEach(this::tryToSync);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryToSync(String name) {
        try {
            sync(name);
        } catch (RuntimeException e) {
            if (closed) {
                return;
            }
            LOG.warn("the CustomResourceDefinition '{}' is tried again: {}", name, e.toString());
            pacing.want(name);
        }
    }

    private void sync(String name) {
        Optional<CachedObject> found =
                cache.find(CustomResourceDefinitionStrategy.STORAGE_KEY, key(name));
        if (found.isEmpty()) {
            published.publish();
            stopEmptying(name);
            // the names it had are free
            othersOfGroup(name).forEach(queue::add);
            return;
        }
        ApiObject crd = found.get().toObject();
        if (acceptNames(crd)) {
            // the write comes back as an event
            return;
        }
        published.publish();
        if (crd.isBeingDeleted()) {
            if (crd.finalizers().contains(CustomResourceDefinitionStrategy.FINALIZER)) {
                empty(crd);
            }
        } else if (Conditions.isTrue(crd, Conditions.NAMES_ACCEPTED)
                && !Conditions.isTrue(crd, Conditions.ESTABLISHED)) {
            update(name, this::established);
        }
    }

    private ApiObject established(ApiObject crd) {
        if (DefinitionRules.isProtected(crd.text("spec.group"))) {
            String approval = crd.annotations().getOrDefault(DefinitionRules.APPROVED, "");
            boolean approved = !approval.startsWith("unapproved");
            condition(
                    crd,
                    Conditions.APPROVED,
                    approved,
                    approved ? "ApprovedAnnotation" : "UnapprovedAnnotation",
                    (approved ? "approved in " : "not approved: ") + approval);
        }
        return condition(
                crd,
                Conditions.ESTABLISHED,
                true,
                "InitialNamesAccepted",
                "the initial names have been accepted");
    }

    /** Returns whether the CRD had to be written. */
    private boolean acceptNames(ApiObject crd) {
        if (crd.at("spec.names").equals(crd.at("status.acceptedNames"))
                && Conditions.isTrue(crd, Conditions.NAMES_ACCEPTED)) {
            return false;
        }
        List<ApiObject> others =
                cache
                        .snapshot(CustomResourceDefinitionStrategy.STORAGE_KEY)
                        .objects()
                        .values()
                        .stream()
                        .filter(other -> !other.key().name().equals(crd.name()))
                        .map(CachedObject::toObject)
                        .toList();
        NameConflicts names = NameConflicts.of(crd, others);
        ApiObject wanted = withNames(crd.copy(), names);
        if (wanted.tree().equals(crd.tree())) {
            return false;
        }
        update(crd.name(), current -> withNames(current, names));
        othersOfGroup(crd.name()).forEach(queue::add);
        return true;
    }

    private ApiObject withNames(ApiObject crd, NameConflicts names) {
        crd.status().set("acceptedNames", names.accepted());
        condition(
                crd,
                Conditions.NAMES_ACCEPTED,
                names.allAccepted(),
                names.reason(),
                names.message());
        if (!Conditions.isTrue(crd, Conditions.ESTABLISHED)) {
            if (names.allAccepted()) {
                condition(
                        crd,
                        Conditions.ESTABLISHED,
                        false,
                        "Installing",
                        "the initial names have been accepted");
            } else {
                condition(
                        crd,
                        Conditions.ESTABLISHED,
                        false,
                        "NotAccepted",
                        "not all names are accepted");
            }
        }
        return crd;
    }

    /** Deletes the objects; when none is left, lets the CRD go. */
    private void empty(ApiObject crd) {
        Optional<ResourceStrategy> strategy = published.findStrategy(crd.name());
        if (!Conditions.isTrue(crd, Conditions.ESTABLISHED)) {
            finish(crd, "NeverEstablished", "resource was never established");
            return;
        }
        update(
                crd.name(),
                current ->
                        condition(
                                current,
                                Conditions.TERMINATING,
                                true,
                                "InstanceDeletionInProgress",
                                "CustomResource deletion is in progress"));
        if (strategy.isPresent()) {
            followDeletions(crd.name());
            for (CachedObject object : objects(crd)) {
                delete(strategy.get(), object);
            }
        }
        if (objects(crd).isEmpty() || strategy.isEmpty()) {
            stopEmptying(crd.name());
            finish(crd, "InstanceDeletionCompleted", "removed all instances");
        }
    }

    private void delete(ResourceStrategy strategy, CachedObject object) {
        try {
            deletions.delete(strategy, object.key(), BACKGROUND).block();
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
        }
    }

    /** Objects with finalizers go later: each that is gone brings the CRD back into the queue. */
    private void followDeletions(String crd) {
        if (!emptying.containsKey(crd)) {
            cache.listen(crd, cache.revision(), _ -> queue.add(crd))
                    .ifPresent(listener -> emptying.put(crd, listener));
        }
    }

    private void stopEmptying(String crd) {
        WatchCache.Registration listener = emptying.remove(crd);
        if (listener != null) {
            listener.close();
        }
    }

    private void finish(ApiObject crd, String reason, String message) {
        update(
                crd.name(),
                current -> {
                    condition(current, Conditions.TERMINATING, false, reason, message);
                    var left = current.metadata().putArray("finalizers");
                    crd.finalizers().stream()
                            .filter(each ->
                                    !each.equals(CustomResourceDefinitionStrategy.FINALIZER))
                            .forEach(left::add);
                    return current;
                });
    }

    private List<CachedObject> objects(ApiObject crd) {
        // the key of a resource in the store is the name of its CRD
        return List.copyOf(cache.snapshot(crd.name()).objects().values());
    }

    private List<String> othersOfGroup(String name) {
        String group = name.substring(name.indexOf('.') + 1);
        return cache
                .snapshot(CustomResourceDefinitionStrategy.STORAGE_KEY)
                .objects()
                .keySet()
                .stream()
                .map(NamespacedName::name)
                .filter(other -> !other.equals(name) && other.endsWith("." + group))
                .toList();
    }

    private ApiObject condition(
            ApiObject crd, String type, boolean holds, String reason, String message) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        Conditions.set(crd, type, holds, reason, message, now);
        return crd;
    }

    private void update(String name, UnaryOperator<ApiObject> change) {
        try {
            registry.update(
                            definitions,
                            key(name),
                            Registry.Scope.STATUS,
                            WriteOptions.INTERNAL,
                            change)
                    .block();
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
        }
    }

    private static NamespacedName key(String name) {
        return new NamespacedName("", name);
    }
}
