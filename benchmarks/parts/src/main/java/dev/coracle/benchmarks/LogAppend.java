package dev.coracle.benchmarks;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.LogAddress;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.R2dbcLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.storage.Write;
import dev.coracle.apiserver.storage.WriteOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** Durable appends of pods to the log in a file, each acknowledged after it is flushed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the state up
public class LogAppend {

    private final AtomicLong next = new AtomicLong();
    private Path directory;
    private Store store;

    @Setup(Level.Iteration)
    public void start() throws IOException {
        directory = Files.createTempDirectory("coracle-log");
        store = new LogStore(new R2dbcLog(LogAddress.inDirectory(directory)));
        store.start(_ -> {});
    }

    @TearDown(Level.Iteration)
    public void stop() throws IOException {
        store.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    @Threads(1)
    public WriteOutcome oneWriter() {
        return append();
    }

    @Benchmark
    @Threads(32)
    public WriteOutcome writers32() {
        return append();
    }

    private WriteOutcome append() {
        long number = next.getAndIncrement();
        byte[] pod = Samples.pod(number);
        ObjectKey key = new ObjectKey("pods", new NamespacedName("default", "web-" + number));
        return store.write(new Write.Create(key, _ -> pod)).join();
    }
}
