package dev.coracle.apiserver.serviceaddress;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator.Range;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The ServiceCIDRs: ready while they live, held by a finalizer while their addresses are used. */
final class ServiceRanges {

    static final String KEY = "servicecidrs.networking.k8s.io";
    private static final String DEFAULT = "kubernetes";
    private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";

    private final WatchCache cache;
    private final Registry registry;
    private final ResourceStrategy strategy;
    private final InstantSource clock;

    ServiceRanges(
            WatchCache cache, Registry registry, ResourceRegistry resources, InstantSource clock) {
        this.cache = cache;
        this.registry = registry;
        this.clock = clock;
        strategy =
                resources
                        .find("networking.k8s.io/v1", "servicecidrs")
                        .orElseThrow(() -> new IllegalStateException("no ServiceCIDRs"));
    }

    /** What addresses are allocated from: the default range first. */
    List<Range> inUse() {
        return stored().stream()
                .filter(range -> !range.isBeingDeleted())
                .flatMap(range -> ranges(range).stream())
                .distinct()
                .toList();
    }

    /** Brings every ServiceCIDR's finalizer and condition up to date. */
    void sync() {
        List<ApiObject> all = stored();
        for (ApiObject range : all) {
            if (!range.isBeingDeleted()) {
                hold(range, true);
                if (condition(range).isEmpty()) {
                    ready(range, "True", "", "Kubernetes Service CIDR is ready");
                }
            } else if (isNeeded(range)) {
                ready(
                        range,
                        "False",
                        "OrphanIPAddress",
                        "There are still IPAddresses referencing the ServiceCIDR, please remove them"
                                + " or create a new ServiceCIDR");
            } else {
                hold(range, false);
            }
        }
    }

    private List<ApiObject> stored() {
        List<ApiObject> all = new ArrayList<>();
        cache.snapshot(KEY).objects().values().forEach(object -> all.add(object.toObject()));
        all.sort(
                Comparator.comparing((ApiObject range) -> !range.name().equals(DEFAULT))
                        .thenComparing(ApiObject::name));
        return all;
    }

    private static List<Range> ranges(ApiObject object) {
        return Json.texts(object.at("spec.cidrs")).stream()
                .map(Range::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Whether an address of the range is in use and in no other one. */
    private boolean isNeeded(ApiObject range) {
        List<Range> mine = ranges(range);
        List<Range> others = inUse();
        return cache.snapshot(IpAddressObjects.KEY).objects().keySet().stream()
                .map(NamespacedName::name)
                .anyMatch(address ->
                        mine.stream().anyMatch(one -> one.contains(address))
                                && others.stream().noneMatch(one -> one.contains(address)));
    }

    private void hold(ApiObject range, boolean held) {
        if (range.finalizers().contains(FINALIZER) == held) {
            return;
        }
        registry.update(
                        strategy,
                        range.key(),
                        Registry.Scope.OBJECT,
                        WriteOptions.INTERNAL,
                        current -> {
                            List<String> finalizers = new ArrayList<>(current.finalizers());
                            finalizers.remove(FINALIZER);
                            if (held) {
                                finalizers.add(FINALIZER);
                            }
                            ArrayNode list = current.metadata().putArray("finalizers");
                            finalizers.forEach(list::add);
                            return current;
                        })
                .block();
    }

    private static Optional<ObjectNode> condition(ApiObject range) {
        return Json.objects(range.at("status.conditions")).stream()
                .filter(condition -> Json.text(condition, "type").equals("Ready"))
                .findFirst();
    }

    private void ready(ApiObject range, String status, String reason, String message) {
        registry.update(
                        strategy,
                        range.key(),
                        Registry.Scope.STATUS,
                        WriteOptions.INTERNAL,
                        current -> {
                            ObjectNode ready =
                                    condition(current)
                                            .orElseGet(() -> conditions(current).addObject());
                            if (!Json.text(ready, "status").equals(status)) {
                                ready.put(
                                        "lastTransitionTime",
                                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
                            }
                            ready.put("message", message)
                                    .put("reason", reason)
                                    .put("status", status)
                                    .put("type", "Ready");
                            return current;
                        })
                .block();
    }

    private static ArrayNode conditions(ApiObject range) {
        return range.status().path("conditions") instanceof ArrayNode there
                ? there
                : range.status().putArray("conditions");
    }
}
