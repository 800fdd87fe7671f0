package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.podautoscaler.PodUse.MissingRequestException;
import dev.coracle.controllers.podautoscaler.ReplicaProposal.NoUseKnownException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one metric of an autoscaler says now.
 *
 * @param replicas that it asks for
 * @param name as events have it
 * @param status as the autoscaler's status has it
 */
record MetricReading(int replicas, String name, MetricStatus status) {

    /** A metric that cannot be read; {@code reason} is that of condition ScalingActive. */
    static final class UnreadableException extends RuntimeException {

        private final String reason;

        UnreadableException(String reason, String message) {
            super(message);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The target's pods and what they use.
     *
     * @param failure why nothing is known; empty if something is
     */
    record Observed(
            List<Pod> pods, Map<String, PodMetrics> metrics, String failure, int replicas) {}

    /** What stands before the text of a failure to read this metric, where all of it is said. */
    static String context(MetricSpec metric) {
        return switch (metric.getType()) {
            case "Resource" ->
                    "failed to get %s resource metric value: "
                            .formatted(metric.getResource().getName());
            case "ContainerResource" ->
                    "failed to get %s container metric value: "
                            .formatted(metric.getContainerResource().getContainer());
            case "Pods" -> "failed to get pods metric value: ";
            case "Object" -> "failed to get object metric value: ";
            case "External" ->
                    "failed to get %s external metric value: "
                            .formatted(metric.getExternal().getMetric().getName());
            case String _ -> "";
        };
    }

    static MetricReading of(MetricSpec metric, Observed observed, Instant now) {
        return switch (metric.getType()) {
            case "Resource" ->
                    read(
                            metric.getResource().getName(),
                            null,
                            metric.getResource().getTarget(),
                            observed,
                            now);
            case "ContainerResource" ->
                    read(
                            metric.getContainerResource().getName(),
                            metric.getContainerResource().getContainer(),
                            metric.getContainerResource().getTarget(),
                            observed,
                            now);
            case "Pods" ->
                    throw unserved("FailedGetPodsMetric", metric.getPods().getMetric().getName());
            case "Object" ->
                    throw unserved(
                            "FailedGetObjectMetric", metric.getObject().getMetric().getName());
            case "External" ->
                    throw new UnreadableException(
                            "FailedGetExternalMetric",
                            "unable to get external metric %s: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered"
                                    .formatted(metric.getExternal().getMetric().getName()));
            case String type ->
                    throw new UnreadableException(
                            "InvalidMetricSourceType",
                            "unknown metric source type \"" + type + "\"");
        };
    }

    private static UnreadableException unserved(String reason, String metric) {
        return new UnreadableException(
                reason,
                "unable to get metric %s: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
                        .formatted(metric));
    }

    private static MetricReading read(
            String resource,
            @Nullable String container,
            MetricTarget target,
            Observed observed,
            Instant now) {
        boolean asShare = target.getAverageUtilization() != null;
        String failed =
                container == null ? "FailedGetResourceMetric" : "FailedGetContainerResourceMetric";
        String prefix =
                "failed to get %s %s: ".formatted(resource, asShare ? "utilization" : "usage");
        if (!observed.failure().isEmpty()) {
            throw new UnreadableException(
                    failed,
                    prefix
                            + "unable to get metrics for resource %s: ".formatted(resource)
                            + observed.failure());
        }
        ReplicaProposal proposal;
        try {
            List<PodUse> pods =
                    observed.pods().stream()
                            .map(pod ->
                                    PodUse.of(
                                            pod,
                                            observed.metrics().get(pod.getMetadata().getName()),
                                            resource,
                                            container,
                                            asShare,
                                            now))
                            .toList();
            proposal =
                    asShare
                            ? ReplicaProposal.byUtilization(
                                    pods, observed.replicas(), target.getAverageUtilization())
                            : ReplicaProposal.byAverage(
                                    pods,
                                    observed.replicas(),
                                    PodUse.thousandths(target.getAverageValue()));
        } catch (MissingRequestException | NoUseKnownException e) {
            throw new UnreadableException(failed, prefix + e.getMessage());
        }
        String name =
                resource
                        + (container == null || !asShare ? " resource" : " container resource")
                        + (asShare ? " utilization (percentage of request)" : "");
        return new MetricReading(
                proposal.replicas(), name, status(resource, container, proposal, asShare));
    }

    private static MetricStatus status(
            String resource,
            @Nullable String container,
            ReplicaProposal proposal,
            boolean asShare) {
        MetricValueStatus value = new MetricValueStatus();
        value.setAverageValue(quantity(proposal.average()));
        if (asShare) {
            value.setAverageUtilization(proposal.utilization());
        }
        return container == null
                ? new MetricStatusBuilder()
                        .withType("Resource")
                        .withNewResource()
                        .withName(resource)
                        .withCurrent(value)
                        .endResource()
                        .build()
                : new MetricStatusBuilder()
                        .withType("ContainerResource")
                        .withNewContainerResource()
                        .withName(resource)
                        .withContainer(container)
                        .withCurrent(value)
                        .endContainerResource()
                        .build();
    }

    private static Quantity quantity(long thousandths) {
        return thousandths % 1000 == 0
                ? new Quantity(Long.toString(thousandths / 1000))
                : new Quantity(Long.toString(thousandths), "m");
    }
}
