package dev.coracle.apiserver.admission.quota;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.node.ObjectNode;

/**
 * Counts what the namespaces with quotas really use, whenever something has changed, and writes it
 * into the quotas: after a delete, after a write that was charged and failed, for a new quota.
 */
public final class QuotaStatus implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QuotaStatus.class);
    private static final Duration PERIOD = Duration.ofMillis(250);

    private final WatchCache cache;
    private final Registry registry;
    private final ResourceRegistry resources;
    private final QuotaAccounts accounts;
    private Disposable timer = Disposables.disposed();
    // what was counted when nothing was left to do
    private volatile Set<Extent> settled = Set.of();

    public QuotaStatus(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            QuotaAccounts accounts) {
        this.cache = cache;
        this.registry = registry;
        this.resources = resources;
        this.accounts = accounts;
    }

    public void start() {
        timer =
                Flux.interval(PERIOD, Schedulers.boundedElastic())
                        .onBackpressureDrop()
                        .concatMap(_ -> count(), 1)
                        .subscribe();
    }

    @Override
    public void close() {
        timer.dispose();
    }

    /** A resource's objects, as far as one can tell from afar whether they are still the same. */
    private record Extent(String resource, int size, long newest) {}

    private Extent extent(String resource) {
        Snapshot all = cache.snapshot(resource);
        return new Extent(
                resource,
                all.objects().size(),
                all.objects().values().stream().mapToLong(CachedObject::revision).max().orElse(0));
    }

    private Set<Extent> extents(Snapshot quotas) {
        Set<String> limited =
                quotas.objects().values().stream()
                        .flatMap(quota ->
                                Amount.all(quota.toObject().at("spec.hard")).keySet().stream())
                        .collect(Collectors.toSet());
        return resources.all().stream()
                .map(ResourceStrategy::definition)
                .filter(resource ->
                        resource.storageKey().equals(QuotaAccounts.QUOTAS)
                                || limited.stream().anyMatch(name -> Usage.counts(resource, name)))
                .map(resource -> extent(resource.storageKey()))
                .collect(Collectors.toSet());
    }

    /** Brings every quota up to date; never fails. */
    Mono<Void> count() {
        Snapshot all = cache.snapshot(QuotaAccounts.QUOTAS);
        if (all.objects().isEmpty()) {
            return Mono.empty();
        }
        Set<Extent> now = extents(all);
        if (now.equals(settled)) {
            return Mono.empty();
        }
        return Flux.fromIterable(all.objects().values())
                .concatMap(this::count)
                .all(Boolean::booleanValue)
                .doOnNext(done -> settled = done ? now : Set.of())
                .onErrorResume(e -> {
                    LOG.warn("quotas are not counted yet: {}", e.toString());
                    return Mono.empty();
                })
                .then();
    }

    /** False if it has to be counted again. */
    private Mono<Boolean> count(CachedObject cached) {
        ApiObject quota = cached.toObject();
        if (accounts.isOpen(quota.namespace())) {
            return Mono.just(false);
        }
        ObjectNode status = status(quota);
        if (Json.same(status, quota.at("status"))) {
            return Mono.just(true);
        }
        ResourceStrategy strategy =
                resources
                        .find("v1", QuotaAccounts.QUOTAS)
                        .orElseThrow(() -> new IllegalStateException("no ResourceQuota"));
        return registry.update(
                        strategy,
                        cached.key(),
                        Registry.Scope.STATUS,
                        WriteOptions.INTERNAL,
                        current -> {
                            if (!current.resourceVersion().equals(quota.resourceVersion())) {
                                throw ApiException.conflict(
                                        "",
                                        QuotaAccounts.QUOTAS,
                                        quota.name(),
                                        "charged meanwhile");
                            }
                            current.tree().set("status", status);
                            return current;
                        })
                .map(_ -> true)
                .onErrorResume(
                        e ->
                                e instanceof ApiException api
                                        && (api.code() == 409 || api.code() == 404),
                        _ -> Mono.just(false));
    }

    private ObjectNode status(ApiObject quota) {
        Map<String, Amount> hard = Amount.all(quota.at("spec.hard"));
        Map<String, Amount> used = new TreeMap<>();
        for (ResourceStrategy strategy : resources.all()) {
            ResourceDefinition resource = strategy.definition();
            Set<String> names =
                    hard.keySet().stream()
                            .filter(name -> resource.namespaced() && Usage.counts(resource, name))
                            .collect(Collectors.toCollection(TreeSet::new));
            if (!names.isEmpty()) {
                names.forEach(name -> used.putIfAbsent(name, Amount.ZERO));
                Map<String, Amount> sum = sum(quota, resource);
                sum.keySet().retainAll(names);
                used.putAll(sum);
            }
        }
        ObjectNode status = Json.newObject();
        ObjectNode limits = Json.object(status, "hard");
        hard.forEach((name, amount) -> limits.put(name, amount.toString()));
        ObjectNode uses = Json.object(status, "used");
        used.forEach((name, amount) -> uses.put(name, amount.toString()));
        return status;
    }

    private Map<String, Amount> sum(ApiObject quota, ResourceDefinition resource) {
        Map<String, Amount> sum = new TreeMap<>();
        var objects = cache.snapshot(resource.storageKey()).in(quota.namespace()).values();
        if (Usage.isPlainCount(resource) && !objects.isEmpty()) {
            ApiObject any = objects.iterator().next().toObject();
            if (QuotaScopes.include(quota, resource, any)) {
                Usage.of(resource, any)
                        .keySet()
                        .forEach(name -> sum.put(name, Amount.of(objects.size())));
            }
            return sum;
        }
        for (CachedObject object : objects) {
            ApiObject one = object.toObject();
            if (QuotaScopes.include(quota, resource, one)) {
                Amount.add(sum, Usage.of(resource, one));
            }
        }
        return sum;
    }
}
