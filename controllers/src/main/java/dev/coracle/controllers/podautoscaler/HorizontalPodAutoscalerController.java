package dev.coracle.controllers.podautoscaler;

import static java.util.stream.Collectors.toSet;

import dev.coracle.controllers.event.EventRecorder;
import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.podautoscaler.MetricReading.Observed;
import dev.coracle.controllers.podautoscaler.MetricReading.UnreadableException;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Scales targets by the CPU and memory that their pods use, every fifteen seconds, as upstream's
 * horizontal-pod-autoscaler does with its defaults.
 */
public final class HorizontalPodAutoscalerController {

    private static final Duration PERIOD = Duration.ofSeconds(15);

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final EventRecorder events;
    private final InstantSource clock;
    private final ControlLoop<NamespacedName> loop;
    // the pods that each has seen last, by their uids
    private final Map<NamespacedName, Set<String>> scaled = new ConcurrentHashMap<>();
    private final Map<NamespacedName, ScalingRules> rules = new ConcurrentHashMap<>();

    public HorizontalPodAutoscalerController(
            KubernetesClient client,
            ClusterInformers informers,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.informers = informers;
        this.events = events;
        this.clock = clock;
        this.loop = new ControlLoop<>("horizontalpodautoscaler", 2, this::reconcile);
        informers.autoscalers.onChange(this::changed);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    /** Its own status is no reason to look again. */
    private void changed(
            @Nullable HorizontalPodAutoscaler before, @Nullable HorizontalPodAutoscaler after) {
        if (after == null) {
            if (before != null) {
                rules.remove(NamespacedName.of(before));
                scaled.remove(NamespacedName.of(before));
            }
        } else if (before == null || !before.getSpec().equals(after.getSpec())) {
            loop.enqueue(NamespacedName.of(after));
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<HorizontalPodAutoscaler> found = informers.autoscalers.find(key);
        if (found.isEmpty() || found.get().getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        loop.enqueueAfter(key, PERIOD);
        Round round = new Round(found.get(), clock.instant());
        try {
            round.run();
        } finally {
            round.writeStatus();
        }
    }

    /** One look at one autoscaler. */
    private final class Round {

        private final HorizontalPodAutoscaler autoscaler;
        private final Instant now;
        private final Conditions conditions;
        private final HorizontalPodAutoscalerStatus status;
        private final ScalingRules mine;

        Round(HorizontalPodAutoscaler autoscaler, Instant now) {
            this.autoscaler = autoscaler;
            this.now = now;
            this.conditions = new Conditions(autoscaler, now);
            this.status =
                    new HorizontalPodAutoscalerBuilder(autoscaler)
                            .editOrNewStatus()
                            .endStatus()
                            .build()
                            .getStatus();
            this.mine =
                    rules.computeIfAbsent(NamespacedName.of(autoscaler), _ -> new ScalingRules());
        }

        void run() {
            Scaled target;
            try {
                target =
                        Scaled.of(
                                client,
                                autoscaler.getMetadata().getNamespace(),
                                autoscaler.getSpec().getScaleTargetRef());
            } catch (IllegalStateException | KubernetesClientException e) {
                scaled.remove(NamespacedName.of(autoscaler));
                events.warning(autoscaler, "FailedGetScale", reason(e));
                conditions.set(
                        Conditions.ABLE,
                        false,
                        "FailedGetScale",
                        "the HPA controller was unable to get the target's current scale: "
                                + reason(e));
                return;
            }
            conditions.set(
                    Conditions.ABLE,
                    true,
                    "SucceededGetScale",
                    "the HPA controller was able to get the target's current scale");
            int current = target.replicas();
            mine.begin(current, now);
            observed(current, List.of());
            Integer least = autoscaler.getSpec().getMinReplicas();
            int most = autoscaler.getSpec().getMaxReplicas();
            if (current == 0 && (least == null || least != 0)) {
                conditions.set(
                        Conditions.ACTIVE,
                        false,
                        "ScalingDisabled",
                        "scaling is disabled since the replica count of the target is zero");
                status.setDesiredReplicas(0);
            } else if (current > most) {
                scale(target, most, "Current number of replicas above Spec.MaxReplicas");
            } else if (current < (least == null ? 1 : least)) {
                scale(
                        target,
                        least == null ? 1 : least,
                        "Current number of replicas below Spec.MinReplicas");
            } else {
                byMetrics(target);
            }
        }

        private void byMetrics(Scaled target) {
            Observed observed;
            try {
                observed = observe(target);
            } catch (UnreadableException e) {
                events.warning(autoscaler, "FailedComputeMetricsReplicas", e.text());
                return;
            }
            List<MetricReading> readings = new ArrayList<>();
            List<MetricStatus> statuses = new ArrayList<>();
            String firstFailure = "";
            List<UnreadableException> failures = new ArrayList<>();
            for (MetricSpec metric : autoscaler.getSpec().getMetrics()) {
                try {
                    MetricReading reading = MetricReading.of(metric, observed, now);
                    readings.add(reading);
                    statuses.add(reading.status());
                } catch (UnreadableException e) {
                    events.warning(autoscaler, e.reason(), e.text());
                    failures.add(e);
                    if (failures.size() == 1) {
                        firstFailure = MetricReading.context(metric) + e.text();
                    }
                    // they stand in the order of the metrics
                    statuses.add(new MetricStatusBuilder().withType("").build());
                }
            }
            observed(target.replicas(), statuses);
            Optional<MetricReading> greatest =
                    readings.stream().reduce((a, b) -> b.replicas() > a.replicas() ? b : a);
            int current = target.replicas();
            // what one metric does not say may be the reason to stay
            if (greatest.isEmpty()
                    || (!failures.isEmpty() && greatest.get().replicas() < current)) {
                fail(failures, firstFailure);
                return;
            }
            MetricReading reading = greatest.get();
            conditions.set(
                    Conditions.ACTIVE,
                    true,
                    "ValidMetricFound",
                    "the HPA was able to successfully calculate a replica count from "
                            + reading.name());
            ScalingRules.Decision decision =
                    mine.decide(autoscaler, current, reading.replicas(), now);
            conditions.set(Conditions.ABLE, true, decision.ableReason(), decision.ableMessage());
            conditions.set(
                    Conditions.LIMITED,
                    decision.limited(),
                    decision.limitReason(),
                    decision.limitMessage());
            if (decision.replicas() == current) {
                status.setDesiredReplicas(current);
            } else {
                scale(target, decision.replicas(), why(reading, current));
            }
        }

        /** Nothing, if it is what was wanted before that decides. */
        private static String why(MetricReading reading, int current) {
            return reading.replicas() > current
                    ? reading.name() + " above target"
                    : reading.replicas() < current ? "All metrics below target" : "";
        }

        /** A count of none, and metrics that nobody looked at, are left out. */
        private void observed(int replicas, List<MetricStatus> metrics) {
            status.setCurrentReplicas(replicas == 0 ? null : replicas);
            status.setCurrentMetrics(metrics.isEmpty() ? null : metrics);
        }

        private void fail(List<UnreadableException> failures, String inFull) {
            UnreadableException first = failures.getFirst();
            conditions.set(
                    Conditions.ACTIVE,
                    false,
                    first.reason(),
                    "the HPA was unable to compute the replica count: " + first.text());
            events.warning(
                    autoscaler,
                    "FailedComputeMetricsReplicas",
                    "invalid metrics (%d invalid out of %d), first error is: %s"
                            .formatted(
                                    failures.size(),
                                    autoscaler.getSpec().getMetrics().size(),
                                    inFull));
        }

        /** The pods and what they use; {@link UnreadableException} if nobody can say which. */
        private Observed observe(Scaled target) {
            if (target.selector().isEmpty()) {
                events.warning(autoscaler, "SelectorRequired", "selector is required");
                conditions.set(
                        Conditions.ACTIVE,
                        false,
                        "InvalidSelector",
                        "the HPA target's scale is missing a selector");
                throw new UnreadableException("InvalidSelector", "selector is required");
            }
            String namespace = autoscaler.getMetadata().getNamespace();
            List<Pod> pods =
                    client.pods()
                            .inNamespace(namespace)
                            .withLabelSelector(target.selector())
                            .list()
                            .getItems();
            List<NamespacedName> rivals = rivals(pods);
            if (rivals.size() > 1) {
                String message =
                        "pods by selector %s are controlled by multiple HPAs: %s"
                                .formatted(target.selector(), rivals);
                events.warning(autoscaler, "AmbiguousSelector", message);
                conditions.set(Conditions.ACTIVE, false, "AmbiguousSelector", message);
                throw new UnreadableException("AmbiguousSelector", message);
            }
            Map<String, PodMetrics> metrics = new HashMap<>();
            String failure = "";
            try {
                for (PodMetrics one : client.top().pods().metrics(namespace).getItems()) {
                    metrics.put(one.getMetadata().getName(), one);
                }
                if (pods.stream().noneMatch(p -> metrics.containsKey(p.getMetadata().getName()))) {
                    failure = "no metrics returned from resource metrics API";
                }
            } catch (KubernetesClientException e) {
                failure = "unable to fetch metrics from resource metrics API: " + reason(e);
            }
            return new Observed(pods, metrics, failure, target.replicas());
        }

        /** Which autoscalers scale these pods; this one too. */
        private List<NamespacedName> rivals(List<Pod> pods) {
            Set<String> uids =
                    pods.stream().map(pod -> pod.getMetadata().getUid()).collect(toSet());
            scaled.put(NamespacedName.of(autoscaler), uids);
            return scaled.entrySet().stream()
                    .filter(each -> !Collections.disjoint(each.getValue(), uids))
                    .map(Map.Entry::getKey)
                    .sorted(Comparator.comparing(NamespacedName::name))
                    .toList();
        }

        private void scale(Scaled target, int replicas, String why) {
            int current = target.replicas();
            try {
                target.scale(replicas);
            } catch (KubernetesClientException e) {
                events.warning(
                        autoscaler,
                        "FailedRescale",
                        "New size: %d; reason: %s; error: %s".formatted(replicas, why, reason(e)));
                conditions.set(
                        Conditions.ABLE,
                        false,
                        "FailedUpdateScale",
                        "the HPA controller was unable to update the target scale: " + reason(e));
                throw e;
            }
            status.setDesiredReplicas(replicas);
            mine.scaled(current, replicas, now);
            conditions.set(
                    Conditions.ABLE,
                    true,
                    "SucceededRescale",
                    "the HPA controller was able to update the target scale to " + replicas);
            status.setLastScaleTime(now.truncatedTo(ChronoUnit.SECONDS).toString());
            events.normal(
                    autoscaler,
                    "SuccessfulRescale",
                    "New size: %d; reason: %s".formatted(replicas, why));
        }

        void writeStatus() {
            status.setConditions(conditions.list());
            if (status.getDesiredReplicas() == null) {
                status.setDesiredReplicas(0);
            }
            HorizontalPodAutoscaler changed =
                    new HorizontalPodAutoscalerBuilder(autoscaler).withStatus(status).build();
            if (status.equals(autoscaler.getStatus())) {
                return;
            }
            try {
                var _ = client.resource(changed).updateStatus();
            } catch (KubernetesClientException e) {
                events.warning(autoscaler, "FailedUpdateStatus", reason(e));
                throw e;
            }
        }
    }

    private static String reason(RuntimeException e) {
        if (e instanceof KubernetesClientException failure && failure.getStatus() != null) {
            return String.valueOf(failure.getStatus().getMessage());
        }
        return String.valueOf(e.getMessage());
    }
}
