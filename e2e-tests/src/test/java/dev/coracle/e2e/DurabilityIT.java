package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The API server alone, killed while clients write and watch: what it acknowledged stays, and who
 * watches is told of everything once, in order. {@code -Dkills=200} kills it more often.
 */
@Order(4)
class DurabilityIT {

    private static final int KILLS = Integer.getInteger("kills", 20);
    private static final int WRITERS = 8;
    private static final int WATCHERS = 4;
    private static final long SEED = 20_261_121;

    /** Little enough that history is compacted all the time. */
    private static final int HISTORY = 400;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

    private final Path data = Cluster.newDirectory();
    private final Map<String, Acknowledged> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong highest = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong names = new AtomicLong();
    private final Random random = new Random(SEED);
    private final List<WatchRecord> watchers = new ArrayList<>();
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private final Map<Long, String> revisions = new ConcurrentHashMap<>();
    private long listed;

    /**
     * The last answer about one ConfigMap. Its writer counts {@code data.n} up and never uses a
     * name again.
     */
    private record Acknowledged(long number, long resourceVersion, boolean deleted) {}

    /** What a ConfigMap is after a restart. */
    private record Present(long number, long resourceVersion) {}

    @Test
    void keepsEveryAcknowledgedWriteThroughKills() throws Exception {
        int port = ApiServer.freePort();
        List<String> warm = makeWarm(port);
        for (int kill = 1; kill <= KILLS; kill++) {
            try (ServiceProcess server = startApiServer(port, warm)) {
                checkState(port, "after kill " + (kill - 1));
                if (watchers.isEmpty()) {
                    for (int i = 0; i < WATCHERS; i++) {
                        watchers.add(new WatchRecord(listed));
                    }
                }
                writeUntilKilled(server, port, 20 + random.nextInt(100));
            }
        }
        try (ServiceProcess _ = startApiServer(port, warm)) {
            checkState(port, "after the last kill");
            checkWatches(port);
        }
        assertThat(writes.get()).as("acknowledged writes").isGreaterThan(KILLS * 40L);
    }

    /**
     * Unpacks the jar and lets the JVM record what it loads, so that the many starts are short.
     *
     * @return the options that start the recorded program
     */
    private List<String> makeWarm(int port) {
        Path unpacked = data.resolve("unpacked");
        String _ =
                Shell.run(
                                ServiceProcess.java(),
                                "-Djarmode=tools",
                                "-jar",
                                ServiceProcess.jar("api-server").toString(),
                                "extract",
                                "--destination",
                                unpacked.toString())
                        .orFail();
        String jar = unpacked.resolve("api-server.jar").toString();
        Path cache = data.resolve("api-server.aot");
        List<String> recording = List.of("-XX:AOTCacheOutput=" + cache, "-jar", jar);
        try (ServiceProcess _ = startApiServer(port, recording)) {
            String _ = listConfigMaps().toString();
        }
        assertThat(cache).isNotEmptyFile();
        return List.of("-XX:AOTCache=" + cache, "-jar", jar);
    }

    private ServiceProcess startApiServer(int port, List<String> program) {
        ServiceProcess server =
                ServiceProcess.start(
                        "api-server",
                        program,
                        data.resolve("api-server.log"),
                        "server.port=" + port,
                        "coracle.apiserver.data-directory=" + data,
                        "coracle.apiserver.max-history=" + HISTORY,
                        "coracle.apiserver.controllers=false");
        try {
            Await.until(
                    PATIENCE,
                    () -> {
                        server.assertRunning();
                        try (ApiClient client = ApiClient.of(data, port)) {
                            client.send("GET", "/readyz", "");
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
        } catch (RuntimeException | AssertionError e) {
            server.kill();
            throw e;
        }
        return server;
    }

    /** Writers run side by side; the kill comes once {@code answers} more were acknowledged. */
    private void writeUntilKilled(ServiceProcess server, int port, int answers)
            throws IOException, InterruptedException, ExecutionException {
        CountDownLatch enough = new CountDownLatch(answers);
        try (ApiClient client = ApiClient.of(data, port);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (WatchRecord watcher : watchers) {
                clients.add(threads.submit(() -> watch(client, watcher)));
            }
            for (int i = 0; i < WRITERS; i++) {
                clients.add(threads.submit(() -> write(client, enough)));
            }
            boolean reached = enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            server.kill();
            for (Future<?> each : clients) {
                each.get();
            }
            assertThat(reached).as("%s writes in %s", answers, PATIENCE).isTrue();
        }
    }

    private static void watch(ApiClient client, WatchRecord watcher) {
        try {
            watcher.follow(client, CONFIG_MAPS, Long.MAX_VALUE);
        } catch (IOException _) {
            // killed
        }
    }

    /** Creates, updates twice and deletes every third; until there is no answer any more. */
    private void write(ApiClient client, CountDownLatch answered) {
        try {
            while (true) {
                String name = "cm-" + names.incrementAndGet();
                String path = CONFIG_MAPS + "/" + name;
                long before = highest.get();
                acknowledge(name, 0, client.send("POST", CONFIG_MAPS, body(name, 0)), before);
                answered.countDown();
                for (int number = 1; number <= 2; number++) {
                    before = highest.get();
                    String answer = client.send("PUT", path, body(name, number));
                    acknowledge(name, number, answer, before);
                    answered.countDown();
                }
                if (name.endsWith("3") || name.endsWith("6") || name.endsWith("9")) {
                    // deleted or not is open until the answer
                    Acknowledged last = acknowledged.remove(name);
                    String _ = client.send("DELETE", path, "");
                    deleted.add(name);
                    if (last != null) {
                        acknowledged.put(name, new Acknowledged(2, last.resourceVersion(), true));
                    }
                    writes.incrementAndGet();
                    answered.countDown();
                }
            }
        } catch (IOException _) {
            // killed
        }
    }

    private void acknowledge(String name, long number, String answer, long before) {
        long resourceVersion = ApiClient.resourceVersion(answer);
        assertThat(resourceVersion).as("resourceVersion of " + name).isGreaterThan(before);
        acknowledged.put(name, new Acknowledged(number, resourceVersion, false));
        assertThat(revisions.put(resourceVersion, name))
                .as("who had revision " + resourceVersion)
                .isNull();
        highest.accumulateAndGet(resourceVersion, Math::max);
        writes.incrementAndGet();
    }

    private void checkState(int port, String when) throws IOException {
        try (ApiClient client = ApiClient.of(data, port)) {
            // there are no Secrets: the number is the list's
            long now =
                    ApiClient.resourceVersion(
                            client.send("GET", "/api/v1/namespaces/default/secrets", ""));
            assertThat(now)
                    .as("the server's resourceVersion " + when)
                    .isGreaterThanOrEqualTo(Math.max(highest.get(), listed));
            listed = now;
        }
        Map<String, Present> present = listConfigMaps();
        List<String> lost = new ArrayList<>();
        acknowledged.forEach((name, last) -> {
            Present now = present.get(name);
            boolean kept =
                    last.deleted()
                            ? now == null
                            : now != null
                                    && now.number() >= last.number()
                                    && now.resourceVersion() >= last.resourceVersion();
            if (!kept) {
                lost.add(name + ": acknowledged " + last + ", found " + now);
            }
        });
        assertThat(lost)
                .as("lost %s, of %s objects and %s writes", when, acknowledged.size(), writes)
                .isEmpty();
    }

    /**
     * All watchers were told the same; of each object all its steps once, in their order; and of
     * all that was acknowledged.
     */
    private void checkWatches(int port) throws IOException {
        try (ApiClient client = ApiClient.of(data, port)) {
            String name = "cm-last";
            String last = client.send("POST", CONFIG_MAPS, body(name, 0));
            for (WatchRecord watcher : watchers) {
                watcher.follow(client, CONFIG_MAPS, ApiClient.resourceVersion(last));
            }
        }
        List<WatchRecord.Event> events = watchers.getFirst().events();
        for (WatchRecord watcher : watchers) {
            assertThat(watcher.events()).as("what another watcher was told").isEqualTo(events);
        }
        assertThat(events)
                .extracting(WatchRecord.Event::revision)
                .isSorted()
                .doesNotHaveDuplicates();
        Map<Long, String> told = new HashMap<>();
        Map<String, Long> present = new HashMap<>();
        for (WatchRecord.Event event : events) {
            told.put(event.revision(), event.name());
            Long before = present.get(event.name());
            assertThat(before == null ? -1 : before)
                    .as("the step before %s", event)
                    .isEqualTo(
                            event.type().equals("DELETED") ? event.number() : event.number() - 1);
            if (event.type().equals("DELETED")) {
                present.remove(event.name());
            } else {
                present.put(event.name(), event.number());
            }
        }
        assertThat(told).as("told of what was acknowledged").containsAllEntriesOf(revisions);
        assertThat(present)
                .as("objects after all events")
                .doesNotContainKeys(deleted.toArray(String[]::new));
        Map<String, Long> listedNow = new HashMap<>();
        listConfigMaps().forEach((name, now) -> listedNow.put(name, now.number()));
        assertThat(present).isEqualTo(listedNow);
    }

    /** As kubectl sees them. */
    private Map<String, Present> listConfigMaps() {
        String lines =
                Kubectl.run(
                                data.resolve("kubeconfig"),
                                "get",
                                "configmaps",
                                "-o",
                                "jsonpath={range .items[*]}{.metadata.name} {.data.n} {.metadata.resourceVersion}{\"\\n\"}{end}")
                        .orFail();
        Map<String, Present> found = new HashMap<>();
        for (String line : lines.lines().filter(text -> text.startsWith("cm-")).toList()) {
            String[] fields = line.split(" ", -1);
            found.put(fields[0], new Present(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
        return found;
    }

    private static String body(String name, int number) {
        return """
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}, "data": {"n": "%d"}}
        """
                .formatted(name, number);
    }
}
