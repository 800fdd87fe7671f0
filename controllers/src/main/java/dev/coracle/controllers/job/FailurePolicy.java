package dev.coracle.controllers.job;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnPodConditionsPattern;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code podFailurePolicy} says about a failed pod. */
final class FailurePolicy {

    /**
     * The consequence.
     *
     * @param action {@code FailJob}, {@code FailIndex}, {@code Ignore} or {@code Count}
     * @param message why, for {@code FailJob}
     */
    record Ruling(String action, String message) {}

    private static final Ruling COUNT = new Ruling("Count", "");

    private FailurePolicy() {}

    /** By the first rule that matches; a failure that no rule matches is counted. */
    static Ruling of(Job job, Pod pod) {
        var policy = job.getSpec().getPodFailurePolicy();
        if (policy == null) {
            return COUNT;
        }
        for (int i = 0; i < policy.getRules().size(); i++) {
            PodFailurePolicyRule rule = policy.getRules().get(i);
            String match = rule.getAction() + " rule at index " + i;
            Optional<String> why =
                    rule.getOnExitCodes() != null
                            ? byExitCode(pod, rule.getOnExitCodes(), match)
                            : byCondition(pod, rule.getOnPodConditions(), match);
            if (why.isPresent()) {
                return new Ruling(rule.getAction(), why.get());
            }
        }
        return COUNT;
    }

    private static Optional<String> byExitCode(
            Pod pod, PodFailurePolicyOnExitCodesRequirement wanted, String match) {
        for (ContainerStatus status : statuses(pod)) {
            String name = wanted.getContainerName();
            if (name != null && !name.equals(status.getName())) {
                continue;
            }
            var ended = status.getState() == null ? null : status.getState().getTerminated();
            if (ended == null || ended.getExitCode() == 0) {
                continue;
            }
            boolean isListed = wanted.getValues().contains(ended.getExitCode());
            if (isListed == wanted.getOperator().equals("In")) {
                return Optional.of(
                        "Container %s for pod %s/%s failed with exit code %d matching %s"
                                .formatted(
                                        status.getName(),
                                        pod.getMetadata().getNamespace(),
                                        pod.getMetadata().getName(),
                                        ended.getExitCode(),
                                        match));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> byCondition(
            Pod pod, List<PodFailurePolicyOnPodConditionsPattern> patterns, String match) {
        if (pod.getStatus() == null
                || pod.getStatus().getConditions() == null
                || patterns == null) {
            return Optional.empty();
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            for (PodFailurePolicyOnPodConditionsPattern pattern : patterns) {
                String status = pattern.getStatus() == null ? "True" : pattern.getStatus();
                if (pattern.getType().equals(condition.getType())
                        && status.equals(condition.getStatus())) {
                    return Optional.of(
                            "Pod %s/%s has condition %s matching %s"
                                    .formatted(
                                            pod.getMetadata().getNamespace(),
                                            pod.getMetadata().getName(),
                                            condition.getType(),
                                            match));
                }
            }
        }
        return Optional.empty();
    }

    private static List<ContainerStatus> statuses(Pod pod) {
        List<ContainerStatus> all = new ArrayList<>();
        if (pod.getStatus() != null) {
            if (pod.getStatus().getInitContainerStatuses() != null) {
                all.addAll(pod.getStatus().getInitContainerStatuses());
            }
            if (pod.getStatus().getContainerStatuses() != null) {
                all.addAll(pod.getStatus().getContainerStatuses());
            }
        }
        return all;
    }
}
