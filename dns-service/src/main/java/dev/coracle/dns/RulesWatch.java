package dev.coracle.dns;

import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.rules.Rules;
import dev.coracle.dns.rules.RulesFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rules again when their file has other content: looks every second, so that it works for
 * files that are replaced and for mounted ConfigMaps. One that is wrong changes nothing.
 */
final class RulesWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RulesWatch.class);

    private final Path file;
    private final Consumer<Rules> changed;
    private final DnsMetrics metrics;
    private final CountDownLatch closed = new CountDownLatch(1);
    private byte[] known;

    private RulesWatch(Path file, Consumer<Rules> changed, DnsMetrics metrics, byte[] known) {
        this.file = file;
        this.changed = changed;
        this.metrics = metrics;
        this.known = known;
    }

    /**
     * Reads the file, and follows it from now on.
     *
     * @throws IOException if it cannot be read now, or is wrong
     */
    static RulesWatch start(Path file, Consumer<Rules> changed, DnsMetrics metrics)
            throws IOException {
        byte[] content = Files.readAllBytes(file);
        changed.accept(RulesFile.read(file));
        RulesWatch watch = new RulesWatch(file, changed, metrics, content);
        Thread.ofVirtual().name("dns-rules").start(watch::follow);
        return watch;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void follow() {
        try {
            while (!closed.await(1, TimeUnit.SECONDS)) {
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            byte[] content = Files.readAllBytes(file);
            if (Arrays.equals(content, known)) {
                return;
            }
            known = content;
            changed.accept(RulesFile.read(file));
            log.info("rules of '{}' are in force", file);
        } catch (IOException e) {
            metrics.reloadFailed();
            log.warn("rules stay as they are: {}", e.getMessage());
        }
    }
}
