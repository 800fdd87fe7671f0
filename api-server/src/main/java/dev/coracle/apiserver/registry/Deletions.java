package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.storage.Write;
import dev.coracle.apiserver.storage.WriteOutcome;
import dev.coracle.apiserver.watch.CachedObject;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The delete template: an object goes at once, or is marked and stays until its finalizers are gone
 * and its grace period is over (Kubernetes: Finalizers, Garbage Collection, Pod termination).
 */
public final class Deletions {

    static final String FOREGROUND = "foregroundDeletion";
    static final String ORPHAN = "orphan";

    private final Registry registry;

    public Deletions(Registry registry) {
        this.registry = registry;
    }

    /**
     * What a delete did.
     *
     * @param gone whether the object is gone, not only marked
     */
    public record Deleted(Stored object, boolean gone) {}

    /** Fails with {@link ApiException}: NotFound, Conflict (preconditions). */
    public Mono<Deleted> delete(
            ResourceStrategy strategy, NamespacedName key, DeleteOptions options) {
        return Mono.defer(() -> deleteOnce(strategy, key, options))
                .retryWhen(
                        Registry.retry(Registry.MAX_ATTEMPTS, Registry.LostRace.class::isInstance))
                .onErrorMap(
                        Registry.LostRace.class,
                        _ -> Registry.modified(strategy.definition(), key.name()));
    }

    private Mono<Deleted> deleteOnce(
            ResourceStrategy strategy, NamespacedName key, DeleteOptions options) {
        ResourceDefinition definition = strategy.definition();
        CachedObject cached = registry.find(strategy, key);
        ApiObject object = cached.toObject();
        checkPreconditions(definition, object, options);
        mark(strategy, object, options);
        boolean gone = Registry.isFree(strategy, object);
        if (options.dryRun() || (!gone && object.tree().equals(cached.toObject().tree()))) {
            return Mono.just(new Deleted(new Stored(cached.json(), false), gone));
        }
        Write write =
                gone
                        ? new Write.Delete(
                                Registry.key(definition, key),
                                cached.revision(),
                                Registry.encoder(object))
                        : new Write.Update(
                                Registry.key(definition, key),
                                cached.revision(),
                                Registry.encoder(object));
        return registry.write(write, Reservation.NONE)
                .map(outcome ->
                        switch (outcome) {
                            case WriteOutcome.Written written -> {
                                if (gone) {
                                    strategy.release(object);
                                }
                                yield new Deleted(
                                        new Stored(written.revision().json(), false), gone);
                            }
                            case WriteOutcome.Conflict _, WriteOutcome.NotFound _ ->
                                    throw new Registry.LostRace();
                            case WriteOutcome.AlreadyExists _ ->
                                    throw new IllegalStateException("delete: " + outcome);
                            case WriteOutcome.TooLarge large -> throw Registry.tooLarge(large);
                        });
    }

    private void mark(ResourceStrategy strategy, ApiObject object, DeleteOptions options) {
        Set<String> finalizers = new LinkedHashSet<>(object.finalizers());
        switch (options.propagation()) {
            case FOREGROUND -> {
                finalizers.add(FOREGROUND);
                finalizers.remove(ORPHAN);
            }
            case ORPHAN -> {
                finalizers.add(ORPHAN);
                finalizers.remove(FOREGROUND);
            }
            case BACKGROUND -> {
                finalizers.remove(FOREGROUND);
                finalizers.remove(ORPHAN);
            }
            case DEFAULT -> {
                if (strategy.orphansDependents() && !finalizers.contains(FOREGROUND)) {
                    finalizers.add(ORPHAN);
                }
            }
        }
        setFinalizers(object, finalizers);
        long grace = strategy.gracePeriodSeconds(object, options.gracePeriodSeconds());
        ObjectNode metadata = object.metadata();
        if (object.isBeingDeleted()) {
            // a later, shorter grace period shortens; nothing lengthens
            long left = metadata.path("deletionGracePeriodSeconds").asLong(0);
            if (grace >= left) {
                return;
            }
        }
        Instant now = Instant.parse(registry.timestamp());
        metadata.put("deletionTimestamp", now.plusSeconds(grace).toString());
        metadata.put("deletionGracePeriodSeconds", grace);
        strategy.markDeleted(object);
        if (strategy.tracksGeneration()) {
            metadata.put("generation", object.generation() + 1);
        }
    }

    private static void setFinalizers(ApiObject object, Set<String> finalizers) {
        if (finalizers.isEmpty()) {
            object.metadata().remove("finalizers");
            return;
        }
        ArrayNode list = object.metadata().putArray("finalizers");
        finalizers.forEach(list::add);
    }

    /** Fails with {@link ApiException}: Conflict. */
    public static void checkPreconditions(
            ResourceDefinition definition, ApiObject object, DeleteOptions options) {
        if (!options.uid().isEmpty() && !options.uid().equals(object.uid())) {
            throw ApiException.conflict(
                    definition.group(),
                    definition.plural(),
                    object.name(),
                    "Precondition failed: UID in precondition: "
                            + options.uid()
                            + ", UID in object meta: "
                            + object.uid());
        }
        if (!options.resourceVersion().isEmpty()
                && !options.resourceVersion().equals(object.resourceVersion())) {
            throw ApiException.conflict(
                    definition.group(),
                    definition.plural(),
                    object.name(),
                    "Precondition failed: ResourceVersion in precondition: "
                            + options.resourceVersion()
                            + ", ResourceVersion in object meta: "
                            + object.resourceVersion());
        }
    }
}
