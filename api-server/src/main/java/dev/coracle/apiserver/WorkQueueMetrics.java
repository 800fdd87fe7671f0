package dev.coracle.apiserver;

import dev.coracle.controllers.workqueue.QueueFigures;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The work queues of the control loops and the scheduler's, under upstream's names. */
final class WorkQueueMetrics implements MultiCollector {

    private final Supplier<List<QueueFigures>> queues;
    private final Supplier<Map<String, Integer>> pendingPods;

    WorkQueueMetrics(
            Supplier<List<QueueFigures>> queues, Supplier<Map<String, Integer>> pendingPods) {
        this.queues = queues;
        this.pendingPods = pendingPods;
    }

    @Override
    public MetricSnapshots collect() {
        List<QueueFigures> figures = queues.get();
        List<MetricSnapshot> all = new ArrayList<>();
        if (!figures.isEmpty()) {
            all.add(gauge("depth", "Keys that wait.", figures, QueueFigures::depth));
            all.add(
                    gauge(
                            "unfinished_work_seconds",
                            "How long running work takes already, summed up.",
                            figures,
                            QueueFigures::unfinishedSeconds));
            all.add(
                    gauge(
                            "longest_running_processor_seconds",
                            "How long the longest running work takes already.",
                            figures,
                            QueueFigures::longestSeconds));
            all.add(counter("adds", "Keys queued.", figures, QueueFigures::adds));
            all.add(counter("retries", "Keys queued again.", figures, QueueFigures::retries));
            all.add(
                    histogram(
                            "queue_duration_seconds",
                            "How long keys waited.",
                            figures,
                            QueueFigures::waits));
            all.add(
                    histogram(
                            "work_duration_seconds",
                            "How long work took.",
                            figures,
                            QueueFigures::works));
        }
        Map<String, Integer> pending = pendingPods.get();
        if (!pending.isEmpty()) {
            GaugeSnapshot.Builder gauge =
                    GaugeSnapshot.builder()
                            .name("scheduler_pending_pods")
                            .help("Pods without a node, by the scheduler's queue.");
            pending.forEach((queue, count) -> gauge.dataPoint(point("queue", queue, count)));
            all.add(gauge.build());
        }
        return new MetricSnapshots(all);
    }

    private static GaugeSnapshot gauge(
            String name,
            String help,
            List<QueueFigures> figures,
            ToDoubleFunction<QueueFigures> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("workqueue_" + name).help(help);
        figures.forEach(
                queue -> gauge.dataPoint(point("name", label(queue), value.applyAsDouble(queue))));
        return gauge.build();
    }

    private static GaugeSnapshot.GaugeDataPointSnapshot point(
            String label, String of, double value) {
        return GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(Labels.of(label, of))
                .value(value)
                .build();
    }

    private static CounterSnapshot counter(
            String name,
            String help,
            List<QueueFigures> figures,
            ToDoubleFunction<QueueFigures> value) {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder().name("workqueue_" + name).help(help);
        for (QueueFigures queue : figures) {
            counter.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                            .labels(Labels.of("name", label(queue)))
                            .value(value.applyAsDouble(queue))
                            .build());
        }
        return counter.build();
    }

    private static HistogramSnapshot histogram(
            String name,
            String help,
            List<QueueFigures> figures,
            Function<QueueFigures, QueueFigures.Durations> value) {
        List<Double> bounds = new ArrayList<>(QueueFigures.BOUNDS);
        bounds.add(Double.POSITIVE_INFINITY);
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name("workqueue_" + name).help(help);
        for (QueueFigures queue : figures) {
            QueueFigures.Durations durations = value.apply(queue);
            histogram.dataPoint(
                    HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(Labels.of("name", label(queue)))
                            .classicHistogramBuckets(
                                    ClassicHistogramBuckets.of(bounds, durations.counts()))
                            .sum(durations.sumSeconds())
                            .build());
        }
        return histogram.build();
    }

    private static String label(QueueFigures queue) {
        return queue.name().toLowerCase(Locale.ROOT);
    }
}
