package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coracle.apiserver.discovery.DiscoveryDocuments;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeleteOptions.Propagation;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.apps.Scale;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.watch.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every built-in resource does what upstream's does: a row for each, and checks that all of them
 * pass.
 */
class ResourceConformanceTest {

    private final ResourceRegistry resources = registry();

    private static ResourceRegistry registry() {
        return new ResourceRegistry(
                BuiltInResources.all(
                        new ServiceStrategy(
                                new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                                new NodePortAllocator(new Random(1)))));
    }

    @Test
    void everyResourceThatDiscoveryListsHasARow() {
        DiscoveryDocuments discovery = new DiscoveryDocuments(resources);
        TreeSet<String> listed = new TreeSet<>();
        resources
                .groups()
                .forEach((group, versions) -> {
                    for (String version : versions) {
                        String apiVersion = group.isEmpty() ? version : group + "/" + version;
                        for (ObjectNode resource :
                                Json.objects(discovery.resources(apiVersion).path("resources"))) {
                            String name = Json.text(resource, "name");
                            if (!name.contains("/")) {
                                listed.add(apiVersion + "/" + name);
                            }
                        }
                    }
                });
        assertThat(ConformanceRow.load().stream().map(ConformanceRow::resource))
                .containsExactlyInAnyOrderElementsOf(listed);
    }

    @TestFactory
    Stream<DynamicContainer> each() {
        return ConformanceRow.load().stream()
                .map(row -> dynamicContainer(row.resource(), checks(row)));
    }

    private Stream<DynamicNode> checks(ConformanceRow row) {
        List<DynamicNode> checks = new ArrayList<>();
        checks.add(dynamicTest("isDescribedAsUpstreamDoes", () -> isDescribed(row)));
        if (row.isStored()) {
            checks.add(check(row, "fillsDefaults", fixture -> fillsDefaults(row, fixture)));
            checks.add(check(row, "printsItsColumns", fixture -> prints(row, fixture)));
            checks.add(
                    check(row, "pleasesTheOfficialClient", fixture -> deserializes(row, fixture)));
            checks.add(check(row, "storesNothingInADryRun", fixture -> dryRun(row, fixture)));
            checks.add(check(row, "refusesAStaleWrite", fixture -> conflict(row, fixture)));
            checks.add(check(row, "tellsItsWatchers", fixture -> watched(row, fixture)));
            checks.add(check(row, "waitsForFinalizers", fixture -> finalizers(row, fixture)));
            checks.add(check(row, "countsGenerations", fixture -> generations(row, fixture)));
            if (row.texts("subresources").contains("scale")) {
                checks.add(check(row, "tellsItsScale", fixture -> scales(row, fixture)));
            }
            if (row.tree().has("status")) {
                checks.add(check(row, "keepsStatusApart", fixture -> status(row, fixture)));
            }
            for (ObjectNode edit : row.edits("invalid")) {
                checks.add(
                        check(
                                row,
                                "refuses " + edit.path("set"),
                                fixture -> refuses(row, edit, fixture)));
            }
            for (ObjectNode edit : row.edits("invalidStatus")) {
                checks.add(
                        check(
                                row,
                                "refusesTheStatus " + edit.path("set"),
                                fixture -> refusesStatus(row, edit, fixture)));
            }
            for (ObjectNode edit : row.edits("immutable")) {
                checks.add(
                        check(
                                row,
                                "refusesToChange " + edit.path("set"),
                                fixture -> immutable(row, edit, fixture)));
            }
        }
        return checks.stream();
    }

    private DynamicTest check(
            ConformanceRow row, String name, ThrowingConsumer<RegistryFixture> check) {
        return dynamicTest(
                name,
                () -> {
                    try (RegistryFixture fixture = new RegistryFixture(strategy(row))) {
                        check.accept(fixture);
                    }
                });
    }

    private ResourceStrategy strategy(ConformanceRow row) {
        return resources.find(row.apiVersion(), row.plural()).orElseThrow();
    }

    private void isDescribed(ConformanceRow row) {
        ResourceStrategy strategy = strategy(row);
        ResourceDefinition definition = strategy.definition();
        assertThat(definition.shortNames()).isEqualTo(row.texts("shortNames"));
        assertThat(definition.categories()).isEqualTo(row.texts("categories"));
        assertThat(definition.verbs())
                .isEqualTo(
                        row.tree().has("only") ? row.texts("only") : ResourceDefinition.ALL_VERBS);
        assertThat(definition.subresources().stream().map(Subresource::path))
                .containsAll(row.texts("subresources"));
        assertThat(strategy.fieldLabels().keySet()).containsAll(row.texts("fields"));
        assertThat(definition.has(Subresource.STATUS) && row.isStored())
                .isEqualTo(row.tree().has("status"));
    }

    private static ApiObject created(
            ConformanceRow row, Map<String, JsonNode> edits, RegistryFixture fixture) {
        return fixture.strategy.toServed(fixture.create(row.body(edits)));
    }

    private static void fillsDefaults(ConformanceRow row, RegistryFixture fixture) {
        ApiObject created = created(row, Map.of(), fixture);
        assertThat(created.uid()).hasSize(36);
        row.values("defaults")
                .forEach((pointer, value) ->
                        assertThat(created.tree().at(pointer)).as(pointer).isEqualTo(value));
    }

    private static void prints(ConformanceRow row, RegistryFixture fixture) {
        ApiObject created = created(row, Map.of(), fixture);
        List<Column> columns = fixture.strategy.table().columns();
        assertThat(
                        columns.stream()
                                .map(column -> column.name() + (column.priority() == 0 ? "" : "*")))
                .isEqualTo(row.texts("columns"));
        List<Object> cells = fixture.strategy.table().cells(created, RegistryFixture.NOW);
        assertThat(cells).hasSameSizeAs(columns);
        row.values("cells")
                .forEach((name, value) -> {
                    int i = columns.stream().map(Column::name).toList().indexOf(name);
                    assertThat(String.valueOf(cells.get(i))).as(name).isEqualTo(value.asString());
                });
    }

    /** The client's own reader refuses unknown members and misses required ones. */
    private static void deserializes(ConformanceRow row, RegistryFixture fixture)
            throws ReflectiveOperationException {
        ApiObject created = created(row, Map.of(), fixture);
        String model =
                switch (row.resource()) {
                    case "v1/events" -> "CoreV1Event";
                    case "events.k8s.io/v1/events" -> "EventsV1Event";
                    case "autoscaling/v2/horizontalpodautoscalers" -> "V2HorizontalPodAutoscaler";
                    default -> "V1" + created.kind();
                };
        Object read =
                Class.forName("io.kubernetes.client.openapi.models." + model)
                        .getMethod("fromJson", String.class)
                        .invoke(null, created.tree().toString());
        assertThat(read).isNotNull();
    }

    private static void dryRun(ConformanceRow row, RegistryFixture fixture) {
        ApiObject object = fixture.object(row.body(Map.of()));
        fixture.strategy.applyDefaults(object);
        Stored stored =
                fixture.registry
                        .create(fixture.strategy, object, new WriteOptions(true, "test", ""))
                        .blockOptional()
                        .orElseThrow();
        assertThat(stored.toObject().uid()).hasSize(36);
        assertThat(fixture.cache.snapshot(fixture.strategy.definition().storageKey()).objects())
                .isEmpty();
    }

    private static void conflict(ConformanceRow row, RegistryFixture fixture) {
        ApiObject created = created(row, Map.of(), fixture);
        assertThatThrownBy(() ->
                        fixture.update(
                                created,
                                current -> {
                                    current.metadata().put("resourceVersion", "4711");
                                    return current;
                                }))
                .hasMessageContaining("the object has been modified");
    }

    private static void watched(ConformanceRow row, RegistryFixture fixture) {
        List<WatchEvent> events = new ArrayList<>();
        ApiObject created = created(row, Map.of(), fixture);
        assertThat(fixture.cache.listen(fixture.strategy.definition().storageKey(), 0, events::add))
                .isPresent();
        labelled(fixture, created);
        boolean gone = fixture.delete(created, Propagation.BACKGROUND).gone();
        assertThat(gone).isNotEqualTo(row.tree().path("held").asBoolean(false));
        assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
                .containsExactly("Added", "Modified", gone ? "Deleted" : "Modified");
    }

    private static ApiObject labelled(RegistryFixture fixture, ApiObject object) {
        return fixture.update(
                object,
                current -> {
                    Json.object(current.metadata(), "labels").put("example.com/label", "x");
                    return current;
                });
    }

    private static void finalizers(ConformanceRow row, RegistryFixture fixture) {
        JsonNode finalizers = Json.MAPPER.createArrayNode().add("example.com/f");
        ApiObject created = created(row, Map.of("/metadata/finalizers", finalizers), fixture);
        assertThat(fixture.delete(created, Propagation.BACKGROUND).gone()).isFalse();
        fixture.update(
                created,
                current -> {
                    assertThat(current.isBeingDeleted()).isTrue();
                    current.metadata().remove("finalizers");
                    return current;
                });
        assertThat(
                        fixture.cache
                                .find(fixture.strategy.definition().storageKey(), created.key())
                                .isPresent())
                .isEqualTo(row.tree().path("held").asBoolean(false));
    }

    private static void generations(ConformanceRow row, RegistryFixture fixture) {
        ApiObject created = created(row, Map.of(), fixture);
        boolean counts = row.tree().has("bump") || row.tree().has("generation");
        assertThat(created.generation()).isEqualTo(counts ? 1 : 0);
        if (!row.tree().has("bump")) {
            return;
        }
        ApiObject bumped =
                fixture.update(
                        created,
                        current -> {
                            ConformanceRow.edit(current.tree(), row.values("bump"));
                            return current;
                        });
        assertThat(bumped.generation()).isEqualTo(2);
        ApiObject annotated =
                fixture.update(
                        created,
                        current -> {
                            Json.object(current.metadata(), "annotations").put("a", "b");
                            return current;
                        });
        assertThat(annotated.generation()).isEqualTo(2);
    }

    private static void scales(ConformanceRow row, RegistryFixture fixture) {
        ObjectNode scale = Scale.of(created(row, Map.of(), fixture));
        assertThat(Json.text(scale, "spec.replicas")).isEqualTo("1");
        assertThat(Json.text(scale, "status.selector")).isEqualTo("a=b");
    }

    private static void status(ConformanceRow row, RegistryFixture fixture) {
        Map<String, JsonNode> edits = row.values("status");
        boolean kept = row.tree().path("statusOnCreate").asBoolean(false);
        ApiObject created = created(row, kept ? Map.of() : edits, fixture);
        assertThat(kept || created.at("status").isObject()).as("has a status at once").isTrue();
        edits.forEach((pointer, value) ->
                assertThat(created.tree().at(pointer)).as(pointer).isNotEqualTo(value));
        ApiObject unchanged = fixture.update(created, current -> edited(current, edits));
        ApiObject updated =
                fixture.update(
                        created.key(),
                        Registry.Scope.STATUS,
                        current -> {
                            current.spec().put("unheardOf", true);
                            return edited(current, edits);
                        });
        assertThat(unchanged.resourceVersion()).isEqualTo(created.resourceVersion());
        assertThat(updated.at("spec")).isEqualTo(unchanged.at("spec"));
        assertThat(updated.generation()).isEqualTo(created.generation());
        ApiObject served = fixture.strategy.toServed(updated);
        edits.forEach((pointer, value) ->
                assertThat(served.tree().at(pointer)).as(pointer).isEqualTo(value));
    }

    private static void refuses(ConformanceRow row, ObjectNode edit, RegistryFixture fixture) {
        assertThatThrownBy(() -> created(row, ConformanceRow.values(edit.path("set")), fixture))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(Json.text(edit, "error"))
                .extracting(e -> ((ApiException) e).code())
                .isEqualTo(422);
    }

    private static void refusesStatus(
            ConformanceRow row, ObjectNode edit, RegistryFixture fixture) {
        ApiObject created = created(row, Map.of(), fixture);
        assertThatThrownBy(() ->
                        fixture.update(
                                created.key(),
                                Registry.Scope.STATUS,
                                current ->
                                        edited(current, ConformanceRow.values(edit.path("set")))))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(Json.text(edit, "error"))
                .extracting(e -> ((ApiException) e).code())
                .isEqualTo(422);
    }

    private static void immutable(ConformanceRow row, ObjectNode edit, RegistryFixture fixture) {
        ApiObject created = created(row, ConformanceRow.values(edit.path("start")), fixture);
        assertThatThrownBy(() ->
                        fixture.update(
                                created,
                                current ->
                                        edited(current, ConformanceRow.values(edit.path("set")))))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(Json.text(edit, "error"))
                .extracting(e -> ((ApiException) e).code())
                .isEqualTo(422);
    }

    private static ApiObject edited(ApiObject object, Map<String, JsonNode> edits) {
        ConformanceRow.edit(object.tree(), edits);
        return object;
    }
}
