package dev.coracle.apiserver.registry.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventExpiryTest {

    private static final WriteOptions OPTIONS = WriteOptions.INTERNAL;

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final InstantSource clock = () -> now;
    private final ResourceStrategy events = new EventStrategy();
    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private final Store store = new LogStore(new MemoryLog());
    private final Registry registry = new Registry(store, cache, SchemaCatalog.load(), clock);
    private final EventExpiry expiry = new EventExpiry(cache, registry, Duration.ofHours(1), clock);

    @BeforeEach
    void start() {
        store.start(cache);
        create("old");
        create("counted");
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private void create(String name) {
        ApiObject event =
                ApiObject.parse(
                        """
                        {"apiVersion": "v1", "kind": "Event", "count": 1,
                         "metadata": {"namespace": "default", "name": "%s"},
                         "involvedObject": {"namespace": "default"}}
                        """
                                .formatted(name)
                                .getBytes(StandardCharsets.UTF_8));
        registry.create(events, event, OPTIONS).block();
    }

    private void count(String name) {
        registry.update(
                        events,
                        new NamespacedName("default", name),
                        Registry.Scope.OBJECT,
                        OPTIONS,
                        event -> {
                            event.tree().put("count", 2);
                            return event;
                        })
                .block();
    }

    private Iterable<String> left() {
        return cache.snapshot("events").objects().keySet().stream()
                .map(NamespacedName::name)
                .toList();
    }

    @Test
    void keepsWhatWasWrittenWithinTheTime() {
        now = now.plus(Duration.ofMinutes(59));

        assertThat(expiry.expire().block()).isZero();
        assertThat(left()).containsExactlyInAnyOrder("old", "counted");
    }

    @Test
    void deletesWhatWasNotWrittenForTheTime() {
        now = now.plus(Duration.ofMinutes(30));
        count("counted");
        now = now.plus(Duration.ofMinutes(31));

        assertThat(expiry.expire().block()).isEqualTo(1);
        assertThat(left()).containsExactly("counted");

        now = now.plus(Duration.ofMinutes(30));

        assertThat(expiry.expire().block()).isEqualTo(1);
        assertThat(left()).isEmpty();
    }
}
