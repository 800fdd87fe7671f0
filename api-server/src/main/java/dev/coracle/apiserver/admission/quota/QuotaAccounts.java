package dev.coracle.apiserver.admission.quota;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Charges what a write uses to the quotas of its namespace before it is done, as upstream's
 * ResourceQuota plugin: each quota's {@code status.used} is written against its version, so that of
 * two writes at once, also to two servers, none goes unseen by the other.
 */
public final class QuotaAccounts {

    static final String QUOTAS = "resourcequotas";

    private final WatchCache cache;
    private final Registry registry;
    private final ResourceStrategy quotas;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    public QuotaAccounts(WatchCache cache, Registry registry, ResourceRegistry resources) {
        this.cache = cache;
        this.registry = registry;
        this.quotas =
                resources
                        .find("v1", QUOTAS)
                        .orElseThrow(() -> new IllegalStateException("no ResourceQuota"));
    }

    /** Writes are charged in the namespace that are not done yet. */
    boolean isOpen(String namespace) {
        return open.containsKey(namespace);
    }

    /**
     * The same write, charged first.
     *
     * @param old what is replaced; null for a new object
     * @return fails with Forbidden if a quota does not allow it; nothing is written then
     */
    public <T> Mono<T> charged(
            ResourceDefinition resource,
            ApiObject object,
            @Nullable ApiObject old,
            boolean dryRun,
            Mono<T> write) {
        String namespace = object.namespace();
        if (namespace.isEmpty() || cache.snapshot(QUOTAS).in(namespace).isEmpty()) {
            return write;
        }
        List<Charge> charges = charges(resource, object, old);
        if (charges.isEmpty() || dryRun) {
            return write;
        }
        return Mono.defer(() -> {
            open.merge(namespace, 1, Integer::sum);
            return Flux.fromIterable(charges)
                    .concatMap(charge -> take(resource, object, charge))
                    .then(write)
                    .doFinally(_ ->
                            open.computeIfPresent(
                                    namespace, (_, count) -> count == 1 ? null : count - 1));
        });
    }

    /** What one quota is to be charged. */
    private record Charge(NamespacedName quota, Map<String, Amount> usage) {}

    private List<Charge> charges(
            ResourceDefinition resource, ApiObject object, @Nullable ApiObject old) {
        Map<String, Amount> usage = new TreeMap<>(Usage.of(resource, object));
        if (old != null) {
            Usage.of(resource, old)
                    .forEach((name, amount) ->
                            usage.merge(name, amount, (now, before) -> now.minus(before)));
        }
        usage.values().removeIf(amount -> amount.value().signum() <= 0);
        List<Charge> charges = new ArrayList<>();
        for (CachedObject cached : cache.snapshot(QUOTAS).in(object.namespace()).values()) {
            ApiObject quota = cached.toObject();
            if (!QuotaScopes.include(quota, resource, object)) {
                continue;
            }
            Map<String, Amount> hard = Amount.all(quota.at("spec.hard"));
            hard.keySet().removeIf(name -> !Usage.counts(resource, name));
            if (old == null && resource.storageKey().equals(Usage.PODS)) {
                String unsaid = Usage.unsaid(object, hard.keySet());
                if (!unsaid.isEmpty()) {
                    throw refused(
                            resource, object, "failed quota: " + quota.name() + ": " + unsaid);
                }
            }
            Map<String, Amount> mine = new TreeMap<>(usage);
            mine.keySet().retainAll(hard.keySet());
            if (!mine.isEmpty()) {
                check(resource, object, quota, mine);
                charges.add(new Charge(quota.key(), mine));
            }
        }
        return charges;
    }

    private Mono<?> take(ResourceDefinition resource, ApiObject object, Charge charge) {
        return registry.update(
                        quotas,
                        charge.quota(),
                        Registry.Scope.STATUS,
                        WriteOptions.INTERNAL,
                        quota -> {
                            check(resource, object, quota, charge.usage());
                            ObjectNode used = Json.object(quota.status(), "used");
                            Map<String, Amount> sum = Amount.all(used);
                            Amount.add(sum, charge.usage());
                            sum.forEach((name, amount) -> used.put(name, amount.toString()));
                            return quota;
                        })
                // a quota that is gone limits nothing
                .onErrorResume(
                        e -> e instanceof ApiException api && api.code() == 404, _ -> Mono.empty());
    }

    private static void check(
            ResourceDefinition resource,
            ApiObject object,
            ApiObject quota,
            Map<String, Amount> usage) {
        Map<String, Amount> hard = Amount.all(quota.at("status.hard"));
        Map<String, Amount> used = Amount.all(quota.at("status.used"));
        Set<String> unknown = new TreeSet<>(usage.keySet());
        unknown.removeIf(name -> hard.containsKey(name) && used.containsKey(name));
        if (!unknown.isEmpty()) {
            throw refused(
                    resource,
                    object,
                    "status unknown for quota: %s, resources: %s"
                            .formatted(quota.name(), String.join(",", unknown)));
        }
        Set<String> over = new TreeSet<>();
        usage.forEach((name, amount) -> {
            Amount sum = used.getOrDefault(name, Amount.ZERO).plus(amount);
            if (sum.isMoreThan(hard.getOrDefault(name, Amount.ZERO))) {
                over.add(name);
            }
        });
        if (!over.isEmpty()) {
            throw refused(
                    resource,
                    object,
                    "exceeded quota: %s, requested: %s, used: %s, limited: %s"
                            .formatted(
                                    quota.name(),
                                    only(over, usage),
                                    only(over, used),
                                    only(over, hard)));
        }
    }

    private static String only(Set<String> names, Map<String, Amount> amounts) {
        Map<String, Amount> some = new TreeMap<>(amounts);
        some.keySet().retainAll(names);
        return Amount.text(some);
    }

    private static ApiException refused(ResourceDefinition resource, ApiObject object, String why) {
        return ApiException.forbidden(resource.group(), resource.plural(), object.name(), why);
    }
}
