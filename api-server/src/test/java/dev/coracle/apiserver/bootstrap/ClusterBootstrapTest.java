package dev.coracle.apiserver.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.bootstrap.ClusterBootstrap.ApiServerAddress;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a new cluster has before its first request. */
class ClusterBootstrapTest {

    private static final ApiServerAddress ADDRESS =
            new ApiServerAddress("10.96.0.1", "10.96.0.0/16", "10.89.0.1", 6443);

    private final ResourceRegistry resources =
            new ResourceRegistry(
                    BuiltInResources.all(
                            new ServiceStrategy(
                                    new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                                    new NodePortAllocator(new Random(1)))));
    private final WatchCache cache =
            new WatchCache(
                    (key, object) -> resources.findStored(key).orElseThrow().allFields(object));
    private final Store store = new LogStore(new MemoryLog());
    private ClusterBootstrap bootstrap;

    @BeforeEach
    void run() {
        store.start(cache);
        Registry registry =
                new Registry(
                        store,
                        cache,
                        SchemaCatalog.load(),
                        InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z")));
        bootstrap = new ClusterBootstrap(resources, registry, cache);
        bootstrap.run(ADDRESS);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void hasTheSystemPriorityClasses() {
        assertThat(names("priorityclasses.scheduling.k8s.io"))
                .containsExactly("system-cluster-critical", "system-node-critical");
        assertThat(
                        get("priorityclasses.scheduling.k8s.io", "system-node-critical")
                                .at("value")
                                .asInt())
                .isEqualTo(2_000_001_000);
    }

    @Test
    void hasThePriorityLevelsAndTheirSchemas() {
        assertThat(names("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"))
                .containsExactly(
                        "catch-all",
                        "exempt",
                        "global-default",
                        "leader-election",
                        "node-high",
                        "system",
                        "workload-high",
                        "workload-low");
        assertThat(names("flowschemas.flowcontrol.apiserver.k8s.io"))
                .hasSize(13)
                .contains("exempt", "probes", "catch-all", "service-accounts");
    }

    @Test
    void sayWhereClusterIpsComeFrom() {
        ApiObject range = get("servicecidrs.networking.k8s.io", "kubernetes");
        assertThat(range.at("spec.cidrs").path(0).asString()).isEqualTo("10.96.0.0/16");
        assertThat(range.at("status.conditions").path(0).path("status").asString())
                .isEqualTo("True");
    }

    @Test
    void writesNothingTheSecondTime() {
        long revision = cache.revision();
        bootstrap.run(ADDRESS);
        assertThat(cache.revision()).isEqualTo(revision);
    }

    private List<String> names(String resource) {
        return cache.snapshot(resource).objects().keySet().stream()
                .map(NamespacedName::name)
                .toList();
    }

    private ApiObject get(String resource, String name) {
        return cache.find(resource, new NamespacedName("", name)).orElseThrow().toObject();
    }
}
