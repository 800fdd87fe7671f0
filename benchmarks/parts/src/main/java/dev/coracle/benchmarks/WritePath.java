package dev.coracle.benchmarks;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.Stored;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.MemoryLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Writes of pods from the parsed body to the acknowledgement, on a log in memory: defaults,
 * validation, field owners, encoding, the store's writer and the cache.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the state up
public class WritePath {

    private static final int OBJECTS = 500;

    private final SchemaCatalog catalog = SchemaCatalog.load();
    private final AtomicLong next = new AtomicLong();
    private ResourceStrategy pods;
    private Store store;
    private Registry registry;

    /** A new store for every iteration: the log in memory forgets nothing. */
    @Setup(Level.Iteration)
    public void start() {
        ResourceRegistry resources = Samples.resources();
        pods = Samples.pods(resources);
        WatchCache cache = new WatchCache((_, object) -> pods.allFields(object));
        store = new LogStore(new MemoryLog());
        store.start(cache);
        registry = new Registry(store, cache, catalog, InstantSource.system());
        next.set(0);
        for (int i = 0; i < OBJECTS; i++) {
            create();
        }
    }

    @TearDown(Level.Iteration)
    public void stop() {
        store.close();
    }

    @Benchmark
    public @Nullable Stored create() {
        ApiObject pod = Samples.podObject(next.getAndIncrement());
        pods.applyDefaults(pod);
        return registry.create(pods, pod, WriteOptions.INTERNAL).block();
    }

    @Benchmark
    public @Nullable Stored updateLabel() {
        return write(
                Registry.Scope.OBJECT,
                pod -> Json.object(pod.metadata(), "labels").put("turn", turn()));
    }

    @Benchmark
    public @Nullable Stored updateStatus() {
        return write(
                Registry.Scope.STATUS,
                pod -> Json.object(pod.tree(), "status").put("message", turn()));
    }

    private String turn() {
        return "t" + next.incrementAndGet();
    }

    private @Nullable Stored write(Registry.Scope scope, Consumer<ApiObject> change) {
        NamespacedName key = new NamespacedName("default", "web-" + next.get() % OBJECTS);
        return registry.update(
                        pods,
                        key,
                        scope,
                        WriteOptions.INTERNAL,
                        pod -> {
                            change.accept(pod);
                            pods.applyDefaults(pod);
                            return pod;
                        })
                .block();
    }
}
