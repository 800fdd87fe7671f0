package dev.coracle.apiserver;

import dev.coracle.controllers.scheduling.SchedulerFigures;
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
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The work queues of the control loops and the scheduler's, under upstream's names. */
final class WorkQueueMetrics implements MultiCollector {

    private static final String PROFILE = "default-scheduler";

    /** What upstream calls the queue of the same work, where it is not the loop's name. */
    private static final Map<String, String> NAMES =
            Map.ofEntries(
                    Map.entry("clusterrole-aggregation", "ClusterRoleAggregator"),
                    Map.entry("endpointslice", "endpoint_slice"),
                    Map.entry("endpointslicemirroring", "endpoint_slice_mirroring"),
                    Map.entry("garbagecollection", "garbage_collector_attempt_to_delete"),
                    Map.entry("nodelifecycle", "node_lifecycle_controller"),
                    Map.entry("persistentvolume", "claims"),
                    Map.entry("podgarbage", "orphaned_pods_nodes"),
                    Map.entry("replicationcontroller", "replicationmanager"),
                    Map.entry("serviceaccount-token", "serviceaccount_tokens_secret"),
                    Map.entry("stale-disruption", "stale_pod_disruption"),
                    Map.entry("tainteviction", "noexec_taint_pod"));

    private final Supplier<List<QueueFigures>> queues;
    private final Supplier<Optional<SchedulerFigures>> scheduler;

    WorkQueueMetrics(
            Supplier<List<QueueFigures>> queues, Supplier<Optional<SchedulerFigures>> scheduler) {
        this.queues = queues;
        this.scheduler = scheduler;
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
        scheduler.get().ifPresent(each -> all.addAll(ofScheduler(each)));
        return new MetricSnapshots(all);
    }

    private static List<MetricSnapshot> ofScheduler(SchedulerFigures figures) {
        GaugeSnapshot.Builder pending =
                GaugeSnapshot.builder()
                        .name("scheduler_pending_pods")
                        .help("Pods without a node, by the scheduler's queue.");
        figures.pending()
                .forEach((queue, count) -> pending.dataPoint(point("queue", queue, count)));
        CounterSnapshot.Builder attempts =
                CounterSnapshot.builder()
                        .name("scheduler_schedule_attempts")
                        .help("Tries to give a pod a node, by what came of them.");
        HistogramSnapshot.Builder attemptDurations =
                HistogramSnapshot.builder()
                        .name("scheduler_scheduling_attempt_duration_seconds")
                        .help("How long tries to give a pod a node took, with the binding.");
        figures.attempts()
                .forEach((result, durations) -> {
                    Labels labels = Labels.of("profile", PROFILE, "result", result);
                    attempts.dataPoint(
                            CounterSnapshot.CounterDataPointSnapshot.builder()
                                    .labels(labels)
                                    .value(
                                            durations.counts().stream()
                                                    .mapToDouble(Long::doubleValue)
                                                    .sum())
                                    .build());
                    attemptDurations.dataPoint(point(labels, durations));
                });
        HistogramSnapshot.Builder untilPlaced =
                HistogramSnapshot.builder()
                        .name("scheduler_pod_scheduling_sli_duration_seconds")
                        .help("How long pods waited for their node, by the number of tries.");
        figures.untilPlaced()
                .forEach((tries, durations) ->
                        untilPlaced.dataPoint(point(Labels.of("attempts", tries), durations)));
        return List.of(
                pending.build(), attempts.build(), attemptDurations.build(), untilPlaced.build());
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot point(
            Labels labels, QueueFigures.Durations durations) {
        List<Double> bounds = new ArrayList<>(durations.bounds());
        bounds.add(Double.POSITIVE_INFINITY);
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, durations.counts()))
                .sum(durations.sumSeconds())
                .build();
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
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name("workqueue_" + name).help(help);
        for (QueueFigures queue : figures) {
            histogram.dataPoint(point(Labels.of("name", label(queue)), value.apply(queue)));
        }
        return histogram.build();
    }

    private static String label(QueueFigures queue) {
        String own = queue.name().toLowerCase(Locale.ROOT);
        return NAMES.getOrDefault(own, own);
    }
}
