package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** A worker's state as {@code Pod.status}. Pure. */
final class PodStatusView {

    private PodStatusView() {}

    /**
     * The status to write.
     *
     * @param known conditions last written, whose transition times are kept where nothing changed
     */
    static PodStatus of(
            Pod pod,
            PodState state,
            PodFacts facts,
            Collection<ContainerLife> lives,
            List<PodCondition> known,
            Instant now) {
        PodState.Cause cause = cause(state);
        boolean rejected =
                state instanceof PodState.Finished
                        && !cause.isNone()
                        && lives.stream().allMatch(life -> life.containerId == null);
        String phase = phase(pod, state, lives);
        PodStatusBuilder status =
                new PodStatusBuilder()
                        .withPhase(phase)
                        .withHostIP(facts.hostAddress())
                        .withHostIPs(new HostIP(facts.hostAddress()))
                        .withStartTime(time(facts.startTime()))
                        .withQosClass(qosClass(pod))
                        .withContainerStatuses(
                                rejected ? List.of() : statuses(lives, ContainerLife::isMain));
        List<ContainerStatus> inits = statuses(lives, life -> life.counts() && !life.isMain());
        if (!inits.isEmpty() && !rejected) {
            status.withInitContainerStatuses(inits);
        }
        List<ContainerStatus> added = statuses(lives, life -> !life.counts());
        if (!added.isEmpty()) {
            status.withEphemeralContainerStatuses(added);
        }
        if (!facts.podAddress().isEmpty()) {
            status.withPodIP(facts.podAddress()).withPodIPs(new PodIP(facts.podAddress()));
        }
        if (!cause.isNone()) {
            status.withReason(cause.reason()).withMessage(cause.message());
        }
        return status.withConditions(
                        new PodConditions(pod, phase, facts, lives, known, now).of(state))
                .build();
    }

    private static PodState.Cause cause(PodState state) {
        return switch (state) {
            case PodState.Waiting(String reason, String message) ->
                    reason.equals("ContainerCreating")
                            ? PodState.Cause.NONE
                            : new PodState.Cause(reason, message);
            case PodState.Initializing _, PodState.Running _, PodState.Gone _ ->
                    PodState.Cause.NONE;
            case PodState.Ending(var _, PodState.Cause cause) -> cause;
            case PodState.Finished(var _, PodState.Cause cause) -> cause;
            case PodState.Terminating(var _, PodState.Cause cause) -> cause;
        };
    }

    private static String phase(Pod pod, PodState state, Collection<ContainerLife> lives) {
        return switch (state) {
            case PodState.Waiting _, PodState.Initializing _ -> "Pending";
            case PodState.Running _ ->
                    lives.stream().anyMatch(PodStatusView::neverRan) ? "Pending" : "Running";
            case PodState.Ending(boolean was, var _) -> was ? "Running" : "Pending";
            case PodState.Finished(boolean succeeded, var _) -> succeeded ? "Succeeded" : "Failed";
            case PodState.Terminating(boolean was, PodState.Cause cause) -> {
                if (lives.stream().anyMatch(ContainerLife::isRunning)) {
                    yield was ? "Running" : "Pending";
                }
                boolean never = lives.stream().allMatch(life -> life.containerId == null);
                if (never && cause.isNone()) {
                    yield pod.getStatus() != null && "Failed".equals(pod.getStatus().getPhase())
                            ? "Failed"
                            : "Pending";
                }
                yield cause.isNone() && PodRules.allSucceeded(lives) ? "Succeeded" : "Failed";
            }
            case PodState.Gone _ -> "Failed";
        };
    }

    private static boolean neverRan(ContainerLife life) {
        return life.isMain() && life.phase instanceof ContainerPhase.Waiting && life.last == null;
    }

    private static List<ContainerStatus> statuses(
            Collection<ContainerLife> lives, Predicate<ContainerLife> which) {
        return lives.stream().filter(which).map(PodStatusView::status).toList();
    }

    private static ContainerStatus status(ContainerLife life) {
        ContainerPhase.Ended last = life.last;
        boolean init = life.kind == ContainerLife.Kind.INIT;
        boolean runs = life.phase instanceof ContainerPhase.Running;
        return new ContainerStatusBuilder()
                .withName(life.name())
                .withImage(life.container.getImage())
                .withImageID(Objects.requireNonNullElse(life.imageId, ""))
                .withContainerID(life.containerId)
                .withReady(init ? life.endedWell() : life.ready)
                .withStarted(runs && life.started)
                .withRestartCount(life.restarts)
                .withState(state(life.phase))
                .withLastState(last == null ? new ContainerState() : state(last))
                .build();
    }

    private static ContainerState state(ContainerPhase phase) {
        return switch (phase) {
            case ContainerPhase.Waiting(String reason, String message) ->
                    new ContainerStateBuilder()
                            .withNewWaiting()
                            .withReason(reason)
                            .withMessage(message)
                            .endWaiting()
                            .build();
            case ContainerPhase.Running(Instant startedAt) ->
                    new ContainerStateBuilder()
                            .withNewRunning()
                            .withStartedAt(time(startedAt))
                            .endRunning()
                            .build();
            case ContainerPhase.Ended ended ->
                    new ContainerStateBuilder()
                            .withNewTerminated()
                            .withContainerID(ended.containerId())
                            .withExitCode(ended.exitCode())
                            .withReason(ended.reason())
                            .withMessage(ended.message())
                            .withStartedAt(time(ended.startedAt()))
                            .withFinishedAt(time(ended.finishedAt()))
                            .endTerminated()
                            .build();
        };
    }

    /** Guaranteed, Burstable or BestEffort, as the API concept page defines them. */
    static String qosClass(Pod pod) {
        boolean any = false;
        boolean all = true;
        for (var container :
                java.util.stream.Stream.concat(
                                pod.getSpec().getContainers().stream(),
                                pod.getSpec().getInitContainers().stream())
                        .toList()) {
            ResourceRequirements resources = container.getResources();
            Map<String, Quantity> requests =
                    resources == null || resources.getRequests() == null
                            ? Map.of()
                            : resources.getRequests();
            Map<String, Quantity> limits =
                    resources == null || resources.getLimits() == null
                            ? Map.of()
                            : resources.getLimits();
            for (String name : List.of("cpu", "memory")) {
                Quantity limit = limits.get(name);
                Quantity request = requests.getOrDefault(name, limit);
                any |= limit != null || request != null;
                all &= limit != null && limit.equals(request);
            }
        }
        return all && any ? "Guaranteed" : any ? "Burstable" : "BestEffort";
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
