package dev.coracle.apiserver.metrics;

import dev.coracle.apiserver.authorization.Attributes;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The counters and histograms of requests and watches. Thread-safe. */
public final class ApiMetrics {

    private static final Set<String> LONG_RUNNING =
            Set.of("log", "exec", "attach", "portforward", "proxy");
    private static final double[] SECONDS = {
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20,
        30, 45, 60
    };

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests =
            Counter.builder()
                    .name("apiserver_request_total")
                    .help("Requests by verb, resource, scope and HTTP code.")
                    .labelNames(
                            "verb",
                            "dry_run",
                            "group",
                            "version",
                            "resource",
                            "subresource",
                            "scope",
                            "component",
                            "code")
                    .register(registry);
    private final Histogram durations =
            Histogram.builder()
                    .name("apiserver_request_duration_seconds")
                    .help("Response latency in seconds.")
                    .labelNames(
                            "verb",
                            "dry_run",
                            "group",
                            "version",
                            "resource",
                            "subresource",
                            "scope",
                            "component")
                    .classicUpperBounds(SECONDS)
                    .classicOnly()
                    .register(registry);
    private final Gauge inflight =
            Gauge.builder()
                    .name("apiserver_current_inflight_requests")
                    .help("Requests being served, by kind.")
                    .labelNames("request_kind")
                    .register(registry);
    private final Gauge longRunning =
            Gauge.builder()
                    .name("apiserver_longrunning_requests")
                    .help("Watches and streams being served.")
                    .labelNames(
                            "verb",
                            "group",
                            "version",
                            "resource",
                            "subresource",
                            "scope",
                            "component")
                    .register(registry);
    private final Counter watchEvents =
            Counter.builder()
                    .name("apiserver_watch_events_total")
                    .help("Events sent to watchers.")
                    .labelNames("group", "version", "resource")
                    .register(registry);
    private final Counter watchBytes =
            Counter.builder()
                    .name("apiserver_watch_events_bytes_total")
                    .help("Bytes of the events sent to watchers.")
                    .labelNames("group", "version", "resource")
                    .register(registry);

    /** {@code objects} gives how many there are of each resource. */
    public ApiMetrics(Supplier<Map<String, Integer>> objects) {
        GaugeWithCallback.builder()
                .name("apiserver_storage_objects")
                .help("Stored objects of each resource.")
                .labelNames("resource")
                .callback(gauge ->
                        objects.get().forEach((resource, count) -> gauge.call(count, resource)))
                .register(registry);
    }

    /** Serves these too. */
    public void add(MultiCollector more) {
        registry.register(more);
    }

    /** Whether a request goes on until someone ends it. */
    static boolean isLongRunning(Attributes request) {
        return request.verb().equals("watch") || LONG_RUNNING.contains(request.subresource());
    }

    void started(Attributes request) {
        if (isLongRunning(request)) {
            longRunning.labelValues(labels(request)).inc();
        } else {
            inflight.labelValues(kind(request)).inc();
        }
    }

    void ended(Attributes request, boolean dryRun, int code, double seconds) {
        String dry = dryRun ? "All" : "";
        String[] of = labels(request);
        requests.labelValues(
                        of[0],
                        dry,
                        of[1],
                        of[2],
                        of[3],
                        of[4],
                        of[5],
                        of[6],
                        Integer.toString(code))
                .inc();
        if (isLongRunning(request)) {
            longRunning.labelValues(of).dec();
            return;
        }
        inflight.labelValues(kind(request)).dec();
        durations
                .labelValues(of[0], dry, of[1], of[2], of[3], of[4], of[5], of[6])
                .observe(seconds);
    }

    /** An event of a watch was sent. */
    public void sent(String group, String version, String resource, int bytes) {
        watchEvents.labelValues(group, version, resource).inc();
        watchBytes.labelValues(group, version, resource).inc(bytes);
    }

    /** Everything, in Prometheus' text format. */
    public byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String kind(Attributes request) {
        return switch (request.verb()) {
            case "get", "list" -> "readOnly";
            default -> "mutating";
        };
    }

    private static String[] labels(Attributes request) {
        return new String[] {
            verb(request),
            request.group(),
            request.version(),
            request.resource(),
            request.isResource() ? request.subresource() : "",
            scope(request),
            "apiserver"
        };
    }

    private static String verb(Attributes request) {
        return switch (request.verb()) {
            case "create" -> "POST";
            case "update" -> "PUT";
            default -> request.verb().toUpperCase(java.util.Locale.ROOT);
        };
    }

    private static String scope(Attributes request) {
        if (!request.isResource()) {
            return "";
        }
        if (!request.name().isEmpty()) {
            return "resource";
        }
        return request.namespace().isEmpty() ? "cluster" : "namespace";
    }
}
