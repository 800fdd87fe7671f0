package dev.coracle.nodeagent.stats;

import dev.coracle.nodeagent.cgroup.CgroupUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The kubelet's {@code /stats/summary} (stats/v1alpha1) and {@code /metrics/resource}. Thread-safe.
 *
 * <p>Rates are those since the reading before, of at least ten seconds ago.
 */
public final class StatsSummary {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final String nodeName;
    private final Path stateFolder;
    private final Instant startedAt;
    private final InstantSource clock;
    private final Supplier<List<PodAccount>> pods;
    private Map<String, Reading> window = new HashMap<>();
    private Map<String, Reading> latest = new HashMap<>();
    private Instant windowStart;

    public StatsSummary(
            String nodeName,
            Path stateFolder,
            InstantSource clock,
            Supplier<List<PodAccount>> pods) {
        this.nodeName = nodeName;
        this.stateFolder = stateFolder;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.windowStart = startedAt;
        this.pods = pods;
    }

    private record Reading(Instant at, long cpuNanos) {}

    /** The answer to {@code /stats/summary}, to be written as JSON. */
    public synchronized Map<String, Object> summary() throws IOException {
        Instant now = clock.instant();
        roll(now);
        NodeUsage usage = NodeUsage.read(stateFolder);
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("nodeName", nodeName);
        node.put("startTime", time(startedAt));
        node.put("cpu", cpu("node", usage.cpuNanos(), now, Optional.empty()));
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("time", time(now));
        memory.put("availableBytes", usage.memoryAvailable());
        memory.put("usageBytes", usage.memoryTotal() - usage.memoryAvailable());
        memory.put("workingSetBytes", usage.memoryTotal() - usage.memoryAvailable());
        node.put("memory", memory);
        node.put("fs", disk(usage, now));
        node.put("runtime", Map.of("imageFs", disk(usage, now)));
        node.put(
                "rlimit",
                Map.of(
                        "time",
                        time(now),
                        "maxpid",
                        usage.processesMax(),
                        "curproc",
                        usage.processes()));
        List<Object> all = new ArrayList<>();
        pods.get().forEach(pod -> all.add(pod(pod, now)));
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("node", node);
        summary.put("pods", all);
        return summary;
    }

    /** The answer to {@code /metrics/resource}, in Prometheus' text format. */
    public synchronized String resourceMetrics() throws IOException {
        NodeUsage usage = NodeUsage.read(stateFolder);
        StringBuilder text = new StringBuilder();
        head(text, "node_cpu_usage_seconds_total", "counter", "CPU time of the node in seconds");
        line(text, "node_cpu_usage_seconds_total", "", usage.cpuNanos() / 1e9);
        head(text, "node_memory_working_set_bytes", "gauge", "Working set of the node in bytes");
        line(
                text,
                "node_memory_working_set_bytes",
                "",
                (double) (usage.memoryTotal() - usage.memoryAvailable()));
        StringBuilder cpu = new StringBuilder();
        StringBuilder memory = new StringBuilder();
        for (PodAccount pod : pods.get()) {
            for (PodAccount.Container container : pod.containers()) {
                String labels =
                        "{container=\"%s\",namespace=\"%s\",pod=\"%s\"}"
                                .formatted(
                                        container.name(),
                                        pod.pod().getMetadata().getNamespace(),
                                        pod.pod().getMetadata().getName());
                line(
                        cpu,
                        "container_cpu_usage_seconds_total",
                        labels,
                        container.usage().cpuNanos() / 1e9);
                line(
                        memory,
                        "container_memory_working_set_bytes",
                        labels,
                        (double) container.usage().workingSetBytes());
            }
        }
        head(text, "container_cpu_usage_seconds_total", "counter", "CPU time in seconds");
        text.append(cpu);
        head(text, "container_memory_working_set_bytes", "gauge", "Working set in bytes");
        return text.append(memory).toString();
    }

    private Map<String, Object> pod(PodAccount account, Instant now) {
        var metadata = account.pod().getMetadata();
        String key = metadata.getUid();
        Map<String, Object> pod = new LinkedHashMap<>();
        pod.put(
                "podRef",
                Map.of(
                        "name",
                        metadata.getName(),
                        "namespace",
                        metadata.getNamespace(),
                        "uid",
                        metadata.getUid()));
        pod.put("startTime", time(account.startedAt()));
        List<Object> containers = new ArrayList<>();
        for (PodAccount.Container each : account.containers()) {
            Map<String, Object> container = new LinkedHashMap<>();
            container.put("name", each.name());
            container.put("startTime", time(each.startedAt()));
            container.put(
                    "cpu",
                    cpu(
                            key + "/" + each.name() + "/" + each.startedAt(),
                            each.usage().cpuNanos(),
                            now,
                            Optional.of(each.startedAt())));
            container.put("memory", memory(each.usage(), now));
            containers.add(container);
        }
        pod.put("containers", containers);
        pod.put("cpu", cpu(key, account.usage().cpuNanos(), now, Optional.of(account.startedAt())));
        pod.put("memory", memory(account.usage(), now));
        pod.put("process_stats", Map.of("process_count", account.usage().processes()));
        return pod;
    }

    private static Map<String, Object> memory(CgroupUsage usage, Instant now) {
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("time", time(now));
        memory.put("usageBytes", usage.memoryBytes());
        memory.put("workingSetBytes", usage.workingSetBytes());
        memory.put("rssBytes", usage.rssBytes());
        return memory;
    }

    /** The rate since the last window, or since {@code start} if that was later. */
    private Map<String, Object> cpu(String key, long nanos, Instant now, Optional<Instant> start) {
        Map<String, Object> cpu = new LinkedHashMap<>();
        cpu.put("time", time(now));
        Reading known = window.get(key);
        Reading before = known != null ? known : start.map(at -> new Reading(at, 0)).orElse(null);
        if (before != null && now.isAfter(before.at()) && nanos >= before.cpuNanos()) {
            double seconds = Duration.between(before.at(), now).toNanos() / 1e9;
            cpu.put("usageNanoCores", Math.round((nanos - before.cpuNanos()) / seconds));
        }
        cpu.put("usageCoreNanoSeconds", nanos);
        latest.put(key, new Reading(now, nanos));
        return cpu;
    }

    private static Map<String, Object> disk(NodeUsage usage, Instant now) {
        Map<String, Object> disk = new LinkedHashMap<>();
        disk.put("time", time(now));
        disk.put("availableBytes", usage.diskAvailable());
        disk.put("capacityBytes", usage.diskTotal());
        disk.put("usedBytes", usage.diskTotal() - usage.diskAvailable());
        return disk;
    }

    /** What was read a window ago is what rates are counted from. */
    private void roll(Instant now) {
        if (window.isEmpty() || !now.isBefore(windowStart.plus(WINDOW))) {
            window = latest;
            latest = new HashMap<>();
            windowStart = now;
        }
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, String labels, double value) {
        text.append(name).append(labels).append(' ');
        text.append(String.format(Locale.ROOT, "%.6f", value)).append('\n');
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
