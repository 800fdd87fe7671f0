package dev.coracle.nodeagent.probe;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What probes count, under the kubelet's names. Thread-safe. */
public final class ProbeMetrics {

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter looks =
            Counter.builder()
                    .name("prober_probe_total")
                    .help("Looks at containers by result.")
                    .labelNames("container", "namespace", "pod", "pod_uid", "probe_type", "result")
                    .register(registry);
    private final Histogram durations =
            Histogram.builder()
                    .name("prober_probe_duration_seconds")
                    .help("How long a look takes.")
                    .labelNames("container", "namespace", "pod", "probe_type")
                    .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
                    .classicOnly()
                    .register(registry);

    /** What is probed. */
    public record Target(
            String kind, String container, String pod, String namespace, String podUid) {}

    /** Where they are collected. */
    public PrometheusRegistry registry() {
        return registry;
    }

    void count(Target target, boolean success, Duration duration) {
        looks.labelValues(
                        target.container(),
                        target.namespace(),
                        target.pod(),
                        target.podUid(),
                        target.kind(),
                        success ? "successful" : "failed")
                .inc();
        durations
                .labelValues(target.container(), target.namespace(), target.pod(), target.kind())
                .observe(duration.toNanos() / 1e9);
    }

    /** Forgets a pod that is gone. */
    void forget(Target target) {
        for (String result : new String[] {"successful", "failed"}) {
            looks.remove(
                    target.container(),
                    target.namespace(),
                    target.pod(),
                    target.podUid(),
                    target.kind(),
                    result);
        }
        durations.remove(target.container(), target.namespace(), target.pod(), target.kind());
    }
}
