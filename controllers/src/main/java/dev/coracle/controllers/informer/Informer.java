package dev.coracle.controllers.informer;

import dev.coracle.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects of one kind as last seen, and word of each change. Thread-safe. */
public final class Informer<T extends HasMetadata> implements AutoCloseable {

    private static final String CONTROLLER = "controller";

    private final SharedIndexInformer<T> informer;

    public Informer(Informable<T> resources) {
        this.informer = resources.runnableInformer(0).exceptionHandler((started, e) -> true);
        var _ = informer.addIndexers(Map.of(CONTROLLER, object -> List.of(controller(object))));
    }

    public Optional<T> find(NamespacedName key) {
        String id =
                key.namespace().isEmpty()
                        ? key.name()
                        : Cache.namespaceKeyFunc(key.namespace(), key.name());
        return Optional.ofNullable(informer.getIndexer().getByKey(id));
    }

    public List<T> list() {
        return informer.getIndexer().list();
    }

    /** Those that an owner with this uid controls. */
    public List<T> listControlledBy(String uid) {
        return informer.getIndexer().byIndex(CONTROLLER, uid);
    }

    /** Those of a namespace that nothing controls. */
    public List<T> listOrphansIn(String namespace) {
        return informer.getIndexer().byIndex(CONTROLLER, orphan(namespace));
    }

    private static String orphan(String namespace) {
        return "/" + namespace;
    }

    private static String controller(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return Owners.findController(object)
                .map(OwnerReference::getUid)
                .orElseGet(() -> orphan(namespace == null ? "" : namespace));
    }

    public List<T> listIn(String namespace) {
        return informer.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace);
    }

    /** Tells {@code listener} of what is already known, and of each change from then on. */
    public void onChange(ChangeListener<T> listener) {
        informer.addEventHandler(
                new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(T object) {
                        listener.changed(null, object);
                    }

                    @Override
                    public void onUpdate(T before, T after) {
                        listener.changed(before, after);
                    }

                    @Override
                    public void onDelete(T object, boolean finalStateUnknown) {
                        listener.changed(object, null);
                    }
                });
    }

    /**
     * Tells {@code listener} of the newest known form of each object that appears, changes or goes.
     */
    public void onAnyChange(Consumer<T> listener) {
        onChange((@Nullable T before, @Nullable T after) ->
                Stream.of(Optional.ofNullable(after), Optional.ofNullable(before))
                        .flatMap(Optional::stream)
                        .findFirst()
                        .ifPresent(listener));
    }

    /** Starts listing and watching, repeating what fails; done when the first list is complete. */
    public CompletableFuture<@Nullable Void> start() {
        return informer.start().toCompletableFuture().thenApply(_ -> null);
    }

    /** True once the first list is complete. */
    public boolean hasSynced() {
        return informer.hasSynced();
    }

    @Override
    public void close() {
        informer.stop();
    }
}
