package dev.coracle.nodeagent.serviceproxy;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the proxy counts, under kube-proxy's names. Thread-safe. */
public final class ProxyMetrics {

    private static final String TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time";
    private static final double[] SYNC_SECONDS = {
        0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096,
        8.192, 16.384
    };
    private static final double[] PROGRAMMING_SECONDS = {
        0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 60, 120, 300
    };

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Histogram durations =
            Histogram.builder()
                    .name("kubeproxy_sync_proxy_rules_duration_seconds")
                    .help("How long a sync of the rules takes.")
                    .classicUpperBounds(SYNC_SECONDS)
                    .classicOnly()
                    .register(registry);
    private final Histogram programming =
            Histogram.builder()
                    .name("kubeproxy_network_programming_duration_seconds")
                    .help("From an endpoint's change to the rule in force.")
                    .classicUpperBounds(PROGRAMMING_SECONDS)
                    .classicOnly()
                    .register(registry);
    private final Gauge lastSync =
            Gauge.builder()
                    .name("kubeproxy_sync_proxy_rules_last_timestamp_seconds")
                    .help("When rules were last synced.")
                    .register(registry);
    private final Gauge lastQueued =
            Gauge.builder()
                    .name("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds")
                    .help("When a sync was last asked for.")
                    .register(registry);
    private final Counter serviceChanges =
            Counter.builder()
                    .name("kubeproxy_sync_proxy_rules_service_changes_total")
                    .help("Changes of Services.")
                    .register(registry);
    private final Counter endpointChanges =
            Counter.builder()
                    .name("kubeproxy_sync_proxy_rules_endpoint_changes_total")
                    .help("Changes of EndpointSlices.")
                    .register(registry);
    private final Counter failures =
            Counter.builder()
                    .name("kubeproxy_sync_proxy_rules_nftables_sync_failures_total")
                    .help("Syncs that failed.")
                    .register(registry);

    private final InstantSource clock;
    // the newest trigger seen of each slice; confined to the proxy's thread
    private final Map<String, String> triggers = new HashMap<>();
    private volatile boolean succeeded = true;
    private volatile @Nullable Instant updated;

    ProxyMetrics(InstantSource clock) {
        this.clock = clock;
    }

    /** A sync under way. */
    final class Sync implements AutoCloseable {
        private final Instant begin = clock.instant();

        @Override
        public void close() {
            Instant end = clock.instant();
            durations.observe(seconds(begin, end));
            lastSync.set(end.toEpochMilli() / 1000.0);
        }
    }

    Sync sync() {
        return new Sync();
    }

    void serviceChanged() {
        serviceChanges.inc();
        queued();
    }

    void sliceChanged() {
        endpointChanges.inc();
        queued();
    }

    private void queued() {
        lastQueued.set(clock.millis() / 1000.0);
    }

    /** The slices' state is in force; those that say when they changed are measured. */
    void programmed(List<EndpointSlice> slices) {
        succeeded = true;
        updated = clock.instant();
        for (EndpointSlice slice : slices) {
            Map<String, String> annotations = slice.getMetadata().getAnnotations();
            String trigger = annotations == null ? null : annotations.get(TRIGGER);
            String name = slice.getMetadata().getNamespace() + "/" + slice.getMetadata().getName();
            if (trigger != null && !trigger.equals(triggers.put(name, trigger))) {
                observe(trigger);
            }
        }
    }

    private void observe(String trigger) {
        try {
            programming.observe(Math.max(0, seconds(Instant.parse(trigger), clock.instant())));
        } catch (DateTimeException _) {
            // whoever wrote it meant something else
        }
    }

    void failed() {
        failures.inc();
        succeeded = false;
    }

    /** Whether the last sync did what it should. */
    boolean succeeded() {
        return succeeded;
    }

    /** When rules were last in force as wanted; null before. */
    @Nullable Instant updated() {
        return updated;
    }

    Instant now() {
        return clock.instant();
    }

    /** In Prometheus' text format. */
    byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8 * 1024);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static double seconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toNanos() / 1e9;
    }
}
