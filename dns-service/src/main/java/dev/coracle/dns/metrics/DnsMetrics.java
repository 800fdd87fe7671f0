package dev.coracle.dns.metrics;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;

/** What the server counts, under CoreDNS' names. Thread-safe. */
public final class DnsMetrics {

    private static final String TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time";
    private static final String[] TYPES = new String[256];
    private static final String[] CODES = {
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"
    };
    private static final double[] SECONDS = {
        0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512,
        1.024, 2.048, 4.096, 8.192
    };
    private static final double[] PROGRAMMING_SECONDS = {
        0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096,
        8.192, 16.384, 32.768, 65.536, 131.072, 262.144, 524.288
    };

    static {
        Map.of(
                        1, "A", 2, "NS", 5, "CNAME", 6, "SOA", 12, "PTR", 15, "MX", 16, "TXT", 28,
                        "AAAA", 33, "SRV", 255, "ANY")
                .forEach((type, name) -> TYPES[type] = name);
    }

    private final InstantSource clock;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests =
            counter("coredns_dns_requests_total", "DNS requests.", "proto", "type");
    private final Counter responses =
            counter("coredns_dns_responses_total", "DNS responses.", "rcode");
    private final Counter hits = counter("coredns_cache_hits_total", "Cache hits.", "type");
    private final Counter misses = counter("coredns_cache_misses_total", "Cache misses.");
    private final Counter stale =
            counter("coredns_cache_served_stale_total", "Answers past their time.");
    private final Counter prefetched =
            counter("coredns_cache_prefetch_total", "Answers fetched before their time was over.");
    private final Counter forwards =
            counter("coredns_forward_requests_total", "Questions to a resolver.", "to");
    private final Counter healthFailures =
            counter(
                    "coredns_forward_healthcheck_failures_total",
                    "Health checks of a resolver that failed.",
                    "to");
    private final Counter limited =
            counter("coredns_rrl_responses_exceeded_total", "Responses kept back.");
    private final Counter reloads = counter("coredns_reload_failed_total", "Rules not taken.");
    private final Counter panics = counter("coredns_panics_total", "Queries that failed here.");
    private final DistributionDataPoint seconds =
            Histogram.builder()
                    .name("coredns_dns_request_duration_seconds")
                    .help("From a query to its response.")
                    .classicUpperBounds(SECONDS)
                    .classicOnly()
                    .register(registry);
    private final Histogram programming =
            Histogram.builder()
                    .name("coredns_kubernetes_dns_programming_duration_seconds")
                    .help("From an endpoint's change to the record in force.")
                    .labelNames("service_kind")
                    .classicUpperBounds(PROGRAMMING_SECONDS)
                    .classicOnly()
                    .register(registry);
    private final CounterDataPoint[][] byType = new CounterDataPoint[2][TYPES.length];
    private final CounterDataPoint[] byCode = new CounterDataPoint[CODES.length];

    /** {@code clock} tells how old a change is. */
    public DnsMetrics(InstantSource clock) {
        this.clock = clock;
        Info.builder()
                .name("coredns_build_info")
                .help("Who answers.")
                .labelNames("version")
                .register(registry)
                .addLabelValues("coracle");
        for (int type = 0; type < TYPES.length; type++) {
            String name = TYPES[type] == null ? "other" : TYPES[type];
            byType[0][type] = requests.labelValues("udp", name);
            byType[1][type] = requests.labelValues("tcp", name);
        }
        for (int code = 0; code < CODES.length; code++) {
            byCode[code] = responses.labelValues(CODES[code]);
        }
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    /** One query was answered after {@code nanos}; makes nothing. */
    public void answered(boolean udp, int type, int code, long nanos) {
        byType[udp ? 0 : 1][type < TYPES.length ? type : 0].inc();
        byCode[code < CODES.length ? code : 2].inc();
        seconds.observe(nanos / 1e9);
    }

    public void cacheHit(boolean absence) {
        hits.labelValues(absence ? "denial" : "success").inc();
    }

    public void cacheMiss() {
        misses.inc();
    }

    public void servedStale() {
        stale.inc();
    }

    public void prefetched() {
        prefetched.inc();
    }

    public void forwarded(String to) {
        forwards.labelValues(to).inc();
    }

    public void healthCheckFailed(String to) {
        healthFailures.labelValues(to).inc();
    }

    public void limited() {
        limited.inc();
    }

    public void reloadFailed() {
        reloads.inc();
    }

    public void failed() {
        panics.inc();
    }

    /** The records of these slices, all of headless Services, are in force. */
    public void programmed(Collection<EndpointSlice> slices) {
        for (EndpointSlice slice : slices) {
            Map<String, String> annotations = slice.getMetadata().getAnnotations();
            String changed = annotations == null ? null : annotations.get(TRIGGER);
            if (changed != null) {
                try {
                    Duration age = Duration.between(Instant.parse(changed), clock.instant());
                    programming.labelValues("headless_with_selector").observe(age.toNanos() / 1e9);
                } catch (DateTimeException _) {
                    // a slice that somebody else made says what it likes
                }
            }
        }
    }

    /** In Prometheus' text format. */
    public byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
