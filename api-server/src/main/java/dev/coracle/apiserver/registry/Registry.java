package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.RevisionLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.storage.StoreException;
import dev.coracle.apiserver.storage.Write;
import dev.coracle.apiserver.storage.WriteOutcome;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import tools.jackson.databind.node.ObjectNode;

/**
 * The create and update templates: they run a {@link ResourceStrategy} in its order, write with
 * compare-and-set, and answer only errors that can become a Status. Thread-safe.
 */
public final class Registry {

    /** Attempts to win a race for an unconditional update. */
    static final int MAX_ATTEMPTS = 64;

    private final Store store;
    private final WatchCache cache;
    private final StructuralCheck structure;
    private final InstantSource clock;
    private final FieldOwners owners;
    private final NameGenerator names = new NameGenerator();

    public Registry(Store store, WatchCache cache, SchemaCatalog catalog, InstantSource clock) {
        this.store = store;
        this.cache = cache;
        this.structure = new StructuralCheck(catalog);
        this.owners = new FieldOwners(catalog);
        this.clock = clock;
    }

    /** What an update changes. */
    public enum Scope {
        /** Everything but the status, for resources with a status subresource. */
        OBJECT,
        /** Only the status, and the metadata that upstream lets through. */
        STATUS,
        /**
         * Whatever the change does, immutable fields too; for the API server's own subresources.
         */
        ALL
    }

    /** The object as it is now. */
    public ApiObject get(ResourceStrategy strategy, NamespacedName key) {
        return find(strategy, key).toObject();
    }

    CachedObject find(ResourceStrategy strategy, NamespacedName key) {
        ResourceDefinition definition = strategy.definition();
        return cache.find(definition.storageKey(), key)
                .orElseThrow(() ->
                        ApiException.notFound(definition.group(), definition.plural(), key.name()));
    }

    /**
     * Stores a new object, which has its defaults.
     *
     * @return fails with {@link ApiException}: Invalid, AlreadyExists
     */
    public Mono<Stored> create(ResourceStrategy strategy, ApiObject object, WriteOptions options) {
        return create(strategy, object, options, false);
    }

    private Mono<Stored> create(
            ResourceStrategy strategy, ApiObject object, WriteOptions options, boolean applied) {
        boolean generated =
                object.name().isEmpty() && !object.text("metadata.generateName").isEmpty();
        Mono<Stored> attempt =
                Mono.defer(() -> {
                    ApiObject created = strategy.toStored(object.copy());
                    if (generated) {
                        created.metadata()
                                .put("name", names.from(object.text("metadata.generateName")));
                    }
                    return createOnce(strategy, created, options, applied);
                });
        return placed(strategy, options, attempt)
                .retryWhen(
                        retry(
                                MAX_ATTEMPTS,
                                e -> e instanceof LostRace || (generated && isTaken(e))));
    }

    private static boolean isTaken(Throwable failure) {
        return failure instanceof ApiException api && api.reason().equals("AlreadyExists");
    }

    /** Long work goes to a thread that may be busy. */
    private static Mono<Stored> placed(
            ResourceStrategy strategy, WriteOptions options, Mono<Stored> work) {
        return strategy.validatesSlowly() || options.validation().isSlow()
                ? work.subscribeOn(Schedulers.boundedElastic())
                : work;
    }

    private Mono<Stored> createOnce(
            ResourceStrategy strategy, ApiObject object, WriteOptions options, boolean applied) {
        ResourceDefinition definition = strategy.definition();
        ObjectNode metadata = object.metadata();
        ServerMetadata.dropEmpty(object);
        if (!applied) {
            owners.update(strategy, null, object, options, timestamp());
        }
        metadata.remove(
                List.of(
                        "resourceVersion",
                        "selfLink",
                        "deletionTimestamp",
                        "deletionGracePeriodSeconds",
                        "generation"));
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", timestamp());
        if (strategy.tracksGeneration()) {
            metadata.put("generation", 1);
        }
        strategy.prepareForCreate(object);
        List<FieldError> errors = new ArrayList<>();
        errors.addAll(Metadata.validate(object, strategy::validateName));
        errors.addAll(strategy.validateCreate(object));
        errors.addAll(missing(strategy, object, errors));
        refuse(definition, object, errors);
        options.validation().check(object, null);
        if (cache.find(definition.storageKey(), object.key()).isPresent()) {
            return Mono.error(exists(definition, object.name()));
        }
        Reservation reservation = strategy.allocate(object, null, errors);
        refuse(definition, object, errors);
        if (options.dryRun()) {
            reservation.rollback();
            return options.validation()
                    .before(object, null, Mono.just(new Stored(object.toBytes(), true)));
        }
        Write write = new Write.Create(key(definition, object.key()), encoder(object, reservation));
        return checkedWrite(write, reservation, options.validation(), object, null)
                .map(outcome ->
                        switch (outcome) {
                            case WriteOutcome.Written written ->
                                    new Stored(written.revision().json(), true);
                            case WriteOutcome.AlreadyExists _ ->
                                    throw exists(definition, object.name());
                            case WriteOutcome.TooLarge large -> throw tooLarge(large);
                            case WriteOutcome.Conflict _, WriteOutcome.NotFound _ ->
                                    throw new IllegalStateException("create: " + outcome);
                        });
    }

    /**
     * Changes a stored object; a change that changes nothing writes nothing.
     *
     * @param change makes the wanted object out of a copy of the current one; called again when
     *     another write came first
     * @return fails with {@link ApiException}: NotFound, Conflict, Invalid
     */
    public Mono<Stored> update(
            ResourceStrategy strategy,
            NamespacedName key,
            Scope scope,
            WriteOptions options,
            UnaryOperator<ApiObject> change) {
        return retried(
                strategy,
                options,
                key,
                () -> updateOnce(strategy, key, scope, options, Change.edited(change)));
    }

    /**
     * Server-side apply: creates the object or merges into it what its configuration says.
     *
     * @param applied the configuration, held against the schema, without defaults
     * @param complete gives the merged object its defaults and admits it; called again when another
     *     write came first
     * @return fails with {@link ApiException}: Conflict (also with other owners), Invalid, NotFound
     *     for the subresource of an object that is not there
     */
    public Mono<Stored> apply(
            ResourceStrategy strategy,
            ApiObject applied,
            Scope scope,
            WriteOptions options,
            boolean force,
            Completion complete) {
        return retried(
                strategy,
                options,
                applied.key(),
                () -> {
                    if (cache.find(strategy.definition().storageKey(), applied.key()).isEmpty()
                            && scope == Scope.OBJECT
                            && options.subresource().isEmpty()) {
                        refuseUid(strategy, applied);
                        ApiObject created =
                                owners.apply(strategy, null, applied, options, force, timestamp());
                        return create(strategy, complete.of(created, true), options, true)
                                .onErrorMap(Registry::isTaken, _ -> new LostRace());
                    }
                    return updateOnce(
                            strategy,
                            applied.key(),
                            scope,
                            options,
                            new Change(
                                    current ->
                                            complete.of(
                                                    owners.apply(
                                                            strategy,
                                                            current,
                                                            applied,
                                                            options,
                                                            force,
                                                            timestamp()),
                                                    false),
                                    true));
                });
    }

    /** What turns a merged object into one that can be stored. */
    @FunctionalInterface
    public interface Completion {
        ApiObject of(ApiObject merged, boolean creates);
    }

    /**
     * How the wanted object comes out of the current one.
     *
     * @param applied whether its managedFields are right already
     */
    private record Change(UnaryOperator<ApiObject> edit, boolean applied) {
        static Change edited(UnaryOperator<ApiObject> edit) {
            return new Change(edit, false);
        }
    }

    private static void refuseUid(ResourceStrategy strategy, ApiObject applied) {
        if (!applied.uid().isEmpty()) {
            throw ApiException.conflict(
                    strategy.definition().group(),
                    strategy.definition().plural(),
                    applied.name(),
                    "uid mismatch: the provided object specified uid "
                            + applied.uid()
                            + ", and no existing object was found");
        }
    }

    private static Mono<Stored> retried(
            ResourceStrategy strategy,
            WriteOptions options,
            NamespacedName key,
            Supplier<Mono<Stored>> attempt) {
        return placed(strategy, options, Mono.defer(attempt))
                .retryWhen(retry(MAX_ATTEMPTS, LostRace.class::isInstance))
                .onErrorMap(LostRace.class, _ -> modified(strategy.definition(), key.name()));
    }

    private Mono<Stored> updateOnce(
            ResourceStrategy strategy,
            NamespacedName key,
            Scope scope,
            WriteOptions options,
            Change change) {
        ResourceDefinition definition = strategy.definition();
        CachedObject cached = find(strategy, key);
        ApiObject old = cached.toObject();
        ApiObject updated = strategy.toStored(change.edit().apply(strategy.toServed(old.copy())));
        ServerMetadata.checkIdentity(definition, updated, old);
        ServerMetadata.dropEmpty(updated);
        ServerMetadata.keep(updated, old);
        if (scope == Scope.OBJECT && definition.has(Subresource.STATUS)) {
            Json.setOrRemove(updated.tree(), "status", old.at("status"));
        } else if (scope == Scope.STATUS) {
            ObjectNode spec = old.tree().deepCopy();
            Json.setOrRemove(spec, "status", updated.at("status"));
            ServerMetadata.takeFromStatus(
                    (ObjectNode) spec.path("metadata"), updated, change.applied());
            updated = new ApiObject(spec);
            strategy.prepareForStatusUpdate(updated, old);
        }
        if (scope == Scope.OBJECT) {
            strategy.prepareForUpdate(updated, old);
        }
        if (strategy.tracksGeneration() && strategy.changesGeneration(updated, old)) {
            updated.metadata().put("generation", old.generation() + 1);
        }
        if (!change.applied()) {
            owners.update(strategy, old, updated, options, timestamp());
        }
        if (owners.isSame(updated, old)) {
            return Mono.just(new Stored(cached.json(), false));
        }
        List<FieldError> errors = new ArrayList<>();
        if (scope != Scope.STATUS) {
            errors.addAll(Metadata.validate(updated, strategy::validateName));
            if (scope == Scope.OBJECT) {
                errors.addAll(strategy.validateUpdate(updated, old));
            }
            errors.addAll(strategy.validate(updated));
            errors.addAll(missing(strategy, updated, errors));
        } else {
            errors.addAll(Metadata.validate(updated, strategy::validateName));
            errors.addAll(strategy.validateStatus(updated, old));
        }
        refuse(definition, updated, errors);
        options.validation().check(updated, old);
        boolean gone = updated.isBeingDeleted() && isFree(strategy, updated);
        Reservation reservation =
                scope == Scope.OBJECT && !gone
                        ? strategy.allocate(updated, old, errors)
                        : Reservation.NONE;
        refuse(definition, updated, errors);
        if (options.dryRun()) {
            reservation.rollback();
            return Mono.just(new Stored(updated.toBytes(), false));
        }
        ObjectKey storageKey = key(definition, key);
        Write write =
                gone
                        ? new Write.Delete(storageKey, cached.revision(), encoder(updated))
                        : new Write.Update(
                                storageKey, cached.revision(), encoder(updated, reservation));
        ApiObject last = updated;
        Validation validation = scope == Scope.OBJECT ? options.validation() : Validation.NONE;
        return checkedWrite(write, reservation, validation, updated, old)
                .map(outcome ->
                        switch (outcome) {
                            case WriteOutcome.Written written -> {
                                if (gone) {
                                    strategy.release(last);
                                }
                                yield new Stored(written.revision().json(), false);
                            }
                            case WriteOutcome.Conflict _, WriteOutcome.NotFound _ ->
                                    throw new LostRace();
                            case WriteOutcome.AlreadyExists _ ->
                                    throw new IllegalStateException("update: " + outcome);
                            case WriteOutcome.TooLarge large -> throw tooLarge(large);
                        });
    }

    static ApiException tooLarge(WriteOutcome.TooLarge large) {
        return ApiException.tooLarge(
                "the object has "
                        + large.bytes()
                        + " bytes; the limit is "
                        + RevisionLog.MAX_OBJECT_BYTES);
    }

    /** Whether nothing holds a deleted object any more. */
    static boolean isFree(ResourceStrategy strategy, ApiObject object) {
        return object.finalizers().isEmpty()
                && object.at("metadata.deletionGracePeriodSeconds").asLong(0) == 0
                && !strategy.isHeld(object);
    }

    /** Writes after {@link Validation#before}; settles the reservation also if that refuses. */
    private Mono<WriteOutcome> checkedWrite(
            Write write,
            Reservation reservation,
            Validation validation,
            ApiObject object,
            @Nullable ApiObject old) {
        AtomicBoolean begun = new AtomicBoolean();
        Mono<WriteOutcome> whole =
                Mono.defer(() -> {
                    begun.set(true);
                    return write(write, reservation);
                });
        // deferred: it may refuse by throwing
        return Mono.defer(() -> validation.before(object, old, whole))
                .doOnError(_ -> {
                    if (!begun.get()) {
                        reservation.rollback();
                    }
                });
    }

    /** Writes and settles the reservation with the outcome; continues off the writer's thread. */
    Mono<WriteOutcome> write(Write write, Reservation reservation) {
        return Mono.fromFuture(() -> store.write(write), true)
                .doOnNext(outcome -> {
                    if (outcome instanceof WriteOutcome.Written) {
                        reservation.commit();
                    } else {
                        reservation.rollback();
                    }
                })
                .doOnError(_ -> reservation.rollback())
                .publishOn(Schedulers.parallel())
                .onErrorMap(StoreException.class, Registry::notWritten);
    }

    private static ApiException notWritten(StoreException e) {
        String why = String.valueOf(e.getMessage());
        return switch (e.reason()) {
            case UNAVAILABLE, CLOSED -> ApiException.serviceUnavailable(why, 1);
            case FULL -> ApiException.insufficientStorage(why);
            case READ_ONLY, CORRUPT -> ApiException.internal(why);
        };
    }

    String timestamp() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** At once, at most {@code times}; then the last failure itself. */
    static Retry retry(int times, Predicate<Throwable> when) {
        return Retry.max(times).filter(when).onRetryExhaustedThrow((_, signal) -> signal.failure());
    }

    static ObjectKey key(ResourceDefinition definition, NamespacedName key) {
        return new ObjectKey(definition.storageKey(), key);
    }

    static Write.Encoder encoder(ApiObject object) {
        return revision -> {
            object.setResourceVersion(revision);
            return object.toBytes();
        };
    }

    /** What another server has given away since then is not stored a second time. */
    private static Write.Encoder encoder(ApiObject object, Reservation reservation) {
        Write.Encoder encoder = encoder(object);
        return revision -> {
            if (!reservation.holds()) {
                throw new LostRace();
            }
            return encoder.encode(revision);
        };
    }

    static ApiException modified(ResourceDefinition definition, String name) {
        return ApiException.conflict(
                definition.group(),
                definition.plural(),
                name,
                "the object has been modified; please apply your changes to the latest version and try"
                        + " again");
    }

    /** Another write came first; the caller tries again on the newer object. */
    static final class LostRace extends RuntimeException {
        LostRace() {
            super(null, null, false, false);
        }
    }

    /** The required fields that are missing and that no strategy has spoken of. */
    private List<FieldError> missing(
            ResourceStrategy strategy, ApiObject object, List<FieldError> known) {
        Set<String> named = known.stream().map(FieldError::field).collect(Collectors.toSet());
        List<FieldError> errors = new ArrayList<>();
        for (FieldError error :
                structure.missing(object.tree(), strategy.storage().definition().schema(), "")) {
            // paths of the root begin with a dot
            String field = error.field().substring(1);
            if (!field.startsWith("status.") && !named.contains(field)) {
                errors.add(FieldError.required(field, error.detail()));
            }
        }
        return errors;
    }

    private static void refuse(
            ResourceDefinition definition, ApiObject object, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            String name =
                    object.name().isEmpty() ? object.text("metadata.generateName") : object.name();
            throw ApiException.invalid(definition.group(), definition.kind().kind(), name, errors);
        }
    }

    private static ApiException exists(ResourceDefinition definition, @Nullable String name) {
        return ApiException.alreadyExists(
                definition.group(), definition.plural(), name == null ? "" : name);
    }
}
