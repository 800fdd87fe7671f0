package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ObjectNode;

/** Whatever fits the schema is stored, changed and printed, or refused: it never breaks a rule. */
class RandomObjectsTest {

    private static final int OBJECTS = 100;

    @TestFactory
    Stream<DynamicTest> neverBreakAStrategy() {
        ResourceRegistry resources =
                new ResourceRegistry(
                        BuiltInResources.all(
                                new ServiceStrategy(
                                        new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                                        new NodePortAllocator(new Random(1)))));
        SchemaCatalog catalog = SchemaCatalog.load();
        return ConformanceRow.load().stream()
                .filter(ConformanceRow::isStored)
                .map(row ->
                        dynamicTest(
                                row.resource(),
                                () -> {
                                    ResourceStrategy strategy =
                                            resources
                                                    .find(row.apiVersion(), row.plural())
                                                    .orElseThrow();
                                    try (RegistryFixture fixture = new RegistryFixture(strategy)) {
                                        run(row, fixture, catalog);
                                    }
                                }));
    }

    private static void run(ConformanceRow row, RegistryFixture fixture, SchemaCatalog catalog) {
        RandomObjects random = new RandomObjects(catalog, row.resource().hashCode());
        ApiObject valid = fixture.strategy.toServed(fixture.create(row.body(Map.of())));
        String definition = fixture.strategy.definition().schema();
        for (int i = 0; i < OBJECTS; i++) {
            ObjectNode other = random.next(definition);
            ObjectNode named = other.deepCopy();
            named.putObject("metadata").put("name", "random-" + i);
            attempt(named, () -> fixture.create(named.toString()));
            ObjectNode disturbed = valid.tree().deepCopy();
            disturbed.putObject("metadata").put("name", "disturbed-" + i);
            for (int changes = i % 3; changes >= 0; changes--) {
                random.disturb(disturbed, definition);
            }
            attempt(disturbed, () -> fixture.create(disturbed.toString()));
            attempt(disturbed, () -> fixture.update(valid, current -> mixed(current, disturbed)));
            attempt(other, () -> fixture.update(valid, current -> mixed(current, other)));
            attempt(
                    other,
                    () ->
                            fixture.update(
                                    valid.key(),
                                    Registry.Scope.STATUS,
                                    current -> mixed(current, other)));
        }
        fixture.cache
                .snapshot(fixture.strategy.definition().storageKey())
                .objects()
                .values()
                .forEach(stored ->
                        assertThat(
                                        fixture.strategy
                                                .table()
                                                .cells(
                                                        fixture.strategy.toServed(
                                                                stored.toObject()),
                                                        RegistryFixture.NOW))
                                .hasSameSizeAs(fixture.strategy.table().columns()));
    }

    private static ApiObject mixed(ApiObject current, ObjectNode other) {
        ObjectNode members = other.deepCopy();
        members.remove("metadata");
        current.tree().setAll(members);
        return current;
    }

    private static void attempt(ObjectNode object, Runnable write) {
        try {
            write.run();
        } catch (ApiException e) {
            assertThat(e.code()).as(object.toString()).isBetween(400, 499);
        } catch (RuntimeException e) {
            throw new AssertionError(object.toString(), e);
        }
    }
}
