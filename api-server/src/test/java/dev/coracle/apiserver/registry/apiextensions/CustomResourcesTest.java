package dev.coracle.apiserver.registry.apiextensions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.DeleteOptions;
import dev.coracle.apiserver.registry.Deletions;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The life of a CRD, on a store in memory. */
class CustomResourcesTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

    private static final String CRD =
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec:
              group: example.com
              scope: Cluster
              names: {plural: widgets, kind: Widget}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties: {spec: {type: object, properties: {n: {type: integer, default: 3}}}}
                selectableFields: [{jsonPath: .spec.n}]
              - name: v2
                served: true
                storage: false
                schema:
                  openAPIV3Schema:
                    type: object
                    properties: {spec: {type: object, properties: {n: {type: integer}, m: {type: string, default: x}}}}
            """;

    private final ResourceStrategy definitions = new CustomResourceDefinitionStrategy(CLOCK);
    private final ResourceRegistry resources = new ResourceRegistry(List.of(definitions));
    private final SchemaCatalog catalog = SchemaCatalog.load();
    private final WatchCache cache =
            new WatchCache((key, object) ->
                    resources
                            .findStored(key)
                            .map(strategy -> strategy.allFields(object))
                            .orElse(Map.of()));
    private final Store store = new LogStore(new MemoryLog());
    private Registry registry;
    private Deletions deletions;
    private CustomResources custom;

    CustomResourcesTest() {
        store.start(cache);
        registry = new Registry(store, cache, catalog, CLOCK);
        deletions = new Deletions(registry);
        custom = new CustomResources(cache, registry, resources, catalog, CLOCK);
    }

    @BeforeEach
    void follow() {
        custom.start();
    }

    @AfterEach
    void stop() {
        custom.close();
        store.close();
    }

    private static ApiObject object(String yaml) {
        return new ApiObject((ObjectNode) Json.MAPPER.readTree(YAML.readTree(yaml).toString()));
    }

    private ApiObject create(ResourceStrategy strategy, String yaml) {
        ApiObject object = object(yaml);
        strategy.applyDefaults(object);
        return registry.create(strategy, object, WriteOptions.INTERNAL)
                .blockOptional()
                .orElseThrow()
                .toObject();
    }

    private ResourceStrategy served(String version) {
        return await().atMost(Duration.ofSeconds(5))
                .until(
                        () -> resources.find("example.com/" + version, "widgets"),
                        java.util.Optional::isPresent)
                .orElseThrow();
    }

    private void delete(ResourceStrategy strategy, String name) {
        deletions
                .delete(
                        strategy,
                        new NamespacedName("", name),
                        new DeleteOptions(
                                null, DeleteOptions.Propagation.BACKGROUND, "", "", false))
                .block();
    }

    private ApiObject crd() {
        return registry.get(definitions, new NamespacedName("", "widgets.example.com"));
    }

    @Test
    void establishesAndServesEachVersion() {
        create(definitions, CRD);

        ResourceStrategy v1 = served("v1");
        ResourceStrategy v2 = served("v2");
        ApiObject stored =
                create(
                        v2,
                        "{apiVersion: example.com/v2, kind: Widget, metadata: {name: w}, spec: {}}");

        assertThat(stored.apiVersion()).isEqualTo("example.com/v1");
        assertThat(stored.at("spec").toString()).isEqualTo("{}");
        assertThat(v1.toServed(stored.copy()).at("spec").toString()).isEqualTo("{\"n\":3}");
        assertThat(v2.toServed(stored.copy()).apiVersion()).isEqualTo("example.com/v2");
        await().untilAsserted(() ->
                assertThat(Conditions.isTrue(crd(), Conditions.ESTABLISHED)).isTrue());
    }

    @Test
    void selectsByFieldsThatBecomeSelectableLater() {
        create(definitions, CRD.replace("selectableFields: [{jsonPath: .spec.n}]", ""));
        create(
                served("v1"),
                "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {n: 7}}");
        registry.update(
                        definitions,
                        new NamespacedName("", "widgets.example.com"),
                        Registry.Scope.OBJECT,
                        WriteOptions.INTERNAL,
                        current -> {
                            ((ObjectNode) current.at("spec.versions").path(0))
                                    .putArray("selectableFields")
                                    .addObject()
                                    .put("jsonPath", ".spec.n");
                            return current;
                        })
                .block();

        await().untilAsserted(() ->
                assertThat(
                                cache.find("widgets.example.com", new NamespacedName("", "w"))
                                        .orElseThrow()
                                        .fields())
                        .containsEntry("spec.n", "7"));
    }

    @Test
    void emptiesADeletedResourceBeforeItGoes() {
        create(definitions, CRD);
        ResourceStrategy v1 = served("v1");
        create(
                v1,
                "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, finalizers: [a.b/c]}}");
        await().until(() -> Conditions.isTrue(crd(), Conditions.ESTABLISHED));

        delete(definitions, "widgets.example.com");

        await().until(() -> registry.get(v1, new NamespacedName("", "w")).isBeingDeleted());
        assertThatThrownBy(() ->
                        create(
                                v1,
                                "{apiVersion: example.com/v1, kind: Widget, metadata: {name: x}}"))
                .isInstanceOf(ApiException.class)
                .hasMessage("create not allowed while custom resource definition is terminating");
        registry.update(
                        v1,
                        new NamespacedName("", "w"),
                        Registry.Scope.OBJECT,
                        WriteOptions.INTERNAL,
                        current -> {
                            current.metadata().remove("finalizers");
                            return current;
                        })
                .block();
        await().until(() -> cache.snapshot("widgets.example.com").objects().isEmpty());
        await().until(() -> resources.find("example.com/v1", "widgets").isEmpty());
    }

    @Test
    void givesFreedNamesToTheNextDefinition() {
        create(definitions, CRD);
        served("v1");
        create(definitions, CRD.replace("widgets", "gadgets"));
        await().until(() ->
                registry.get(definitions, new NamespacedName("", "gadgets.example.com"))
                        .at("status.conditions")
                        .toString()
                        .contains("ListKindConflict"));

        delete(definitions, "widgets.example.com");

        await().until(() -> resources.find("example.com/v1", "gadgets").isPresent());
    }
}
