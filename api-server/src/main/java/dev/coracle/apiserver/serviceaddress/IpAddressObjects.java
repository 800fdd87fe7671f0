package dev.coracle.apiserver.serviceaddress;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** The IPAddress of one ClusterIP: made, corrected, deleted. */
final class IpAddressObjects {

    static final String KEY = "ipaddresses.networking.k8s.io";
    private static final String MANAGED_BY = "ipaddress.kubernetes.io/managed-by";
    private static final String ALLOCATOR = "ipallocator.k8s.io";
    private static final DeleteOptions BACKGROUND =
            new DeleteOptions(null, DeleteOptions.Propagation.BACKGROUND, "", "", false);

    private final WatchCache cache;
    private final Registry registry;
    private final Deletions deletions;
    private final ResourceStrategy strategy;

    IpAddressObjects(WatchCache cache, Registry registry, ResourceRegistry resources) {
        this.cache = cache;
        this.registry = registry;
        this.deletions = new Deletions(registry);
        strategy =
                resources
                        .find("networking.k8s.io/v1", "ipaddresses")
                        .orElseThrow(() -> new IllegalStateException("no IPAddresses"));
    }

    /** Whether the allocator has made it, not a user. */
    static boolean isOurs(ApiObject address) {
        return ALLOCATOR.equals(address.labels().get(MANAGED_BY));
    }

    /** The addresses that have an object. */
    Set<String> names() {
        return cache.snapshot(KEY).objects().keySet().stream()
                .map(NamespacedName::name)
                .collect(Collectors.toSet());
    }

    /**
     * Makes the address's object say who holds it.
     *
     * @param holder a Service, or null for nobody
     */
    void sync(String address, @Nullable NamespacedName holder) {
        NamespacedName key = new NamespacedName("", address);
        Optional<CachedObject> found = cache.find(KEY, key);
        if (found.isPresent()) {
            ApiObject stored = found.get().toObject();
            boolean right = holder != null && parent(stored).equals(holder);
            if (right || (holder == null && !isOurs(stored)) || stored.isBeingDeleted()) {
                return;
            }
            settle(deletions.delete(strategy, key, BACKGROUND), "NotFound");
        }
        if (holder != null) {
            settle(
                    registry.create(strategy, object(address, holder), WriteOptions.INTERNAL),
                    "AlreadyExists");
        }
    }

    private static void settle(Mono<?> write, String harmless) {
        write.then()
                .onErrorResume(
                        e -> e instanceof ApiException api && api.reason().equals(harmless),
                        _ -> Mono.empty())
                .block();
    }

    private static NamespacedName parent(ApiObject address) {
        return address.text("spec.parentRef.resource").equals("services")
                ? new NamespacedName(
                        address.text("spec.parentRef.namespace"),
                        address.text("spec.parentRef.name"))
                : new NamespacedName("", "");
    }

    private static ApiObject object(String address, NamespacedName holder) {
        ObjectNode tree =
                Json.newObject().put("kind", "IPAddress").put("apiVersion", "networking.k8s.io/v1");
        tree.putObject("metadata")
                .put("name", address)
                .putObject("labels")
                .put("ipaddress.kubernetes.io/ip-family", "IPv4")
                .put(MANAGED_BY, ALLOCATOR);
        tree.putObject("spec")
                .putObject("parentRef")
                .put("group", "")
                .put("name", holder.name())
                .put("namespace", holder.namespace())
                .put("resource", "services");
        return new ApiObject(tree);
    }
}
