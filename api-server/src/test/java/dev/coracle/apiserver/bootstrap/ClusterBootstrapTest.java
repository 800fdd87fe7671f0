package dev.coracle.apiserver.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.bootstrap.ClusterBootstrap.ApiServerAddress;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.WriteOptions;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

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
    private Registry registry;
    private ClusterBootstrap bootstrap;

    @BeforeEach
    void run() {
        store.start(cache);
        registry =
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

    @Test
    void givesRolesBackWhatTheyLack() {
        String roles = "clusterroles.rbac.authorization.k8s.io";
        String bindings = "clusterrolebindings.rbac.authorization.k8s.io";
        ApiObject role = get(roles, "system:node");
        ApiObject binding = get(bindings, "system:basic-user");
        change(
                roles,
                "system:node",
                changed -> {
                    ObjectNode rule = changed.tree().putArray("rules").addObject();
                    rule.putArray("nonResourceURLs").add("/more");
                    rule.putArray("verbs").add("get");
                });
        change(
                roles,
                "system:discovery",
                changed -> {
                    changed.tree().remove("rules");
                    changed.metadata()
                            .putObject("annotations")
                            .put("rbac.authorization.kubernetes.io/autoupdate", "false");
                });
        change(bindings, "system:basic-user", changed -> changed.tree().remove("subjects"));

        bootstrap.run(ADDRESS);

        assertThat(get(roles, "system:node").at("rules"))
                .hasSize(role.at("rules").size() + 1)
                .containsAll(role.at("rules"));
        assertThat(get(roles, "system:discovery").at("rules").size()).isZero();
        assertThat(get(bindings, "system:basic-user").at("subjects"))
                .isEqualTo(binding.at("subjects"));
    }

    private void change(String resource, String name, Consumer<ApiObject> change) {
        var _ =
                registry.update(
                                resources.findStored(resource).orElseThrow(),
                                new NamespacedName("", name),
                                Registry.Scope.OBJECT,
                                WriteOptions.INTERNAL,
                                current -> {
                                    change.accept(current);
                                    return current;
                                })
                        .block();
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
