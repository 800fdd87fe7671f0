package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the output of all runs on a thread of its own. Thread-safe. */
final class OutputCollector implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OutputCollector.class);

    private final WatchService watch;
    private final Map<WatchKey, ContainerOutput> outputs = new ConcurrentHashMap<>();

    private OutputCollector(WatchService watch) {
        this.watch = watch;
    }

    static OutputCollector start() throws IOException {
        OutputCollector collector = new OutputCollector(FileSystems.getDefault().newWatchService());
        Thread _ = Thread.ofPlatform().daemon().name("container-output").start(collector::loop);
        return collector;
    }

    /** Moves {@code output} on whenever a file of {@code folder} grows, until it is stopped. */
    Runnable follow(Path folder, ContainerOutput output) throws IOException {
        WatchKey key = folder.register(watch, StandardWatchEventKinds.ENTRY_MODIFY);
        outputs.put(key, output);
        advance(output);
        return () -> {
            outputs.remove(key);
            key.cancel();
        };
    }

    private void loop() {
        Set<WatchKey> open = new LinkedHashSet<>();
        try {
            while (true) {
                for (WatchKey key = next(open.isEmpty()); key != null; key = watch.poll()) {
                    key.pollEvents();
                    key.reset();
                    open.add(key);
                }
                open.removeIf(key -> {
                    ContainerOutput output = outputs.get(key);
                    return output == null || !advance(output);
                });
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ClosedWatchServiceException _) {
            log.trace("closed");
        }
    }

    private @Nullable WatchKey next(boolean wait) throws InterruptedException {
        return wait ? watch.take() : watch.poll();
    }

    private static boolean advance(ContainerOutput output) {
        try {
            return output.advance();
        } catch (IOException e) {
            log.warn("a container's output is not logged: {}", e.toString());
            return false;
        }
    }

    /** Logs nothing more: what is printed from now on is for the next agent. */
    @Override
    public void close() {
        outputs.values().forEach(ContainerOutput::close);
        try {
            watch.close();
        } catch (IOException e) {
            log.debug("the collector is not wholly closed: {}", e.toString());
        }
    }
}
