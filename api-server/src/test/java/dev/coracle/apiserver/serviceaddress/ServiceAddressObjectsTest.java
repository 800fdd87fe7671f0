package dev.coracle.apiserver.serviceaddress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ServiceAddressObjectsTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

    private final ClusterIpAllocator pool = new ClusterIpAllocator("10.96.0.0/28", new Random(1));
    private final ServiceStrategy services =
            new ServiceStrategy(pool, new NodePortAllocator(new Random(1)));
    private final ResourceRegistry resources = new ResourceRegistry(BuiltInResources.all(services));
    private final WatchCache cache =
            new WatchCache(
                    (key, object) -> resources.findStored(key).orElseThrow().allFields(object));
    private final Store store = new LogStore(new MemoryLog());
    private final Registry registry = new Registry(store, cache, SchemaCatalog.load(), CLOCK);
    private final ServiceAddressObjects objects =
            new ServiceAddressObjects(cache, registry, resources, services, pool, CLOCK);

    @BeforeEach
    void start() {
        store.start(cache);
        range("kubernetes", "10.96.0.0/28");
        objects.follow();
        settle();
    }

    @AfterEach
    void close() {
        objects.close();
        store.close();
    }

    /** Its own writes make events as well. */
    private void settle() {
        for (int i = 0; i < 4; i++) {
            objects.catchUp();
        }
    }

    private ResourceStrategy strategy(String apiVersion, String plural) {
        return resources.find(apiVersion, plural).orElseThrow();
    }

    private ApiObject create(String apiVersion, String plural, String json) {
        ResourceStrategy strategy = strategy(apiVersion, plural);
        ObjectNode tree = (ObjectNode) Json.MAPPER.readTree(json);
        tree.put("kind", strategy.definition().kind().kind()).put("apiVersion", apiVersion);
        ApiObject object = new ApiObject(tree);
        strategy.applyDefaults(object);
        ApiObject created =
                registry.create(strategy, object, WriteOptions.INTERNAL)
                        .blockOptional()
                        .orElseThrow()
                        .toObject();
        settle();
        return created;
    }

    private String service(String name, String ip) {
        return create(
                        "v1",
                        "services",
                        """
                        {"metadata": {"name": "%s", "namespace": "default"},
                         "spec": {"clusterIP": "%s", "ports": [{"port": 80}]}}
                        """
                                .formatted(name, ip))
                .text("spec.clusterIP");
    }

    private void range(String name, String cidr) {
        create(
                "networking.k8s.io/v1",
                "servicecidrs",
                "{\"metadata\": {\"name\": \"%s\"}, \"spec\": {\"cidrs\": [\"%s\"]}}"
                        .formatted(name, cidr));
    }

    private void delete(String apiVersion, String plural, String namespace, String name) {
        new Deletions(registry)
                .delete(
                        strategy(apiVersion, plural),
                        new NamespacedName(namespace, name),
                        new DeleteOptions(
                                null, DeleteOptions.Propagation.BACKGROUND, "", "", false))
                .block();
        settle();
    }

    private Optional<ApiObject> find(String key, String name) {
        return cache.find(key, new NamespacedName("", name)).map(CachedObject::toObject);
    }

    private void assertHeld(String address, String parent) {
        assertThat(find(IpAddressObjects.KEY, address).orElseThrow().text("spec.parentRef.name"))
                .isEqualTo(parent);
    }

    @Test
    void keepsAnAddressObjectForEachService() {
        String address = service("a", "");
        assertHeld(address, "a");
        assertThat(find(IpAddressObjects.KEY, address).orElseThrow().labels())
                .containsEntry("ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io")
                .containsEntry("ipaddress.kubernetes.io/ip-family", "IPv4");
        delete("networking.k8s.io/v1", "ipaddresses", "", address);
        assertHeld(address, "a");
        delete("v1", "services", "default", "a");
        assertThat(find(IpAddressObjects.KEY, address)).isEmpty();
    }

    @Test
    void leavesTheAddressesOfOthersAlone() {
        create(
                "networking.k8s.io/v1",
                "ipaddresses",
                """
                {"metadata": {"name": "10.96.0.9"},
                 "spec": {"parentRef": {"group": "", "resource": "pods", "namespace": "a", "name": "b"}}}
                """);
        assertThatThrownBy(() -> service("a", "10.96.0.9"))
                .hasMessageContaining("provided IP is already allocated");
        delete("networking.k8s.io/v1", "ipaddresses", "", "10.96.0.9");
        assertThat(service("a", "10.96.0.9")).isEqualTo("10.96.0.9");
    }

    @Test
    void allocatesFromASecondRangeAndKeepsItWhileItIsUsed() {
        range("more", "10.97.0.0/28");
        assertThat(service("a", "10.97.0.5")).isEqualTo("10.97.0.5");
        assertHeld("10.97.0.5", "a");
        for (int i = 0; i < 14; i++) {
            service("fill" + i, "");
        }
        assertThat(service("next", "")).startsWith("10.97.0.");
        delete("networking.k8s.io/v1", "servicecidrs", "", "more");
        assertThat(status("more")).isEqualTo("False OrphanIPAddress");
        assertThatThrownBy(() -> service("b", "10.97.0.6"))
                .hasMessageContaining("the provided network does not match the current range");
        delete("v1", "services", "default", "a");
        delete("v1", "services", "default", "next");
        assertThat(find(ServiceRanges.KEY, "more")).isEmpty();
    }

    @Test
    void saysThatARangeIsReady() {
        range("more", "10.97.0.0/28");
        assertThat(status("more")).isEqualTo("True ");
        assertThat(find(ServiceRanges.KEY, "more").orElseThrow().finalizers())
                .containsExactly("networking.k8s.io/service-cidr-finalizer");
    }

    private String status(String range) {
        return find(ServiceRanges.KEY, range).stream()
                .flatMap(found -> Json.objects(found.at("status.conditions")).stream())
                .map(ready -> Json.text(ready, "status") + " " + Json.text(ready, "reason"))
                .findFirst()
                .orElse("");
    }
}
