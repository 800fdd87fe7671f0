package dev.coracle.benchmarks;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** The cache of 5,000 pods: what a get, a list and an event to 1,000 watchers cost in it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the state up
public class Reads {

    private static final int OBJECTS = 5_000;
    private static final int PAGE = 500;
    private static final int WATCHERS = 1_000;

    private final AtomicLong next = new AtomicLong();
    private WatchCache quiet;
    private WatchCache watched;

    @Setup(Level.Trial)
    public void fill(Blackhole sink) {
        ResourceStrategy pods = Samples.pods(Samples.resources());
        quiet = new WatchCache((_, object) -> pods.allFields(object));
        watched = new WatchCache((_, object) -> pods.allFields(object));
        for (int i = 0; i < OBJECTS; i++) {
            quiet.accept(entry(i + 1));
        }
        next.set(OBJECTS);
        for (int i = 0; i < WATCHERS; i++) {
            if (watched.listen("pods", 0, sink::consume).isEmpty()) {
                throw new IllegalStateException("the cache is not empty");
            }
        }
    }

    private static Revision entry(long revision) {
        long number = revision % OBJECTS;
        return new Revision(
                revision,
                new ObjectKey("pods", new NamespacedName("default", "web-" + number)),
                false,
                Samples.pod(number));
    }

    @Benchmark
    public Optional<CachedObject> get() {
        return quiet.find("pods", new NamespacedName("default", "web-1234"));
    }

    /** The stored bytes of a page, as a list writes them. */
    @Benchmark
    public long list500() {
        return quiet.snapshot("pods").objects().values().stream()
                .limit(PAGE)
                .mapToLong(pod -> pod.json().length)
                .sum();
    }

    @Benchmark
    public void eventToWatchers1000() {
        watched.accept(entry(next.incrementAndGet()));
    }
}
