package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A worker's state as {@code Pod.status}. Pure. */
final class PodStatusView {

    private static final String SCHEDULED = "PodScheduled";

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
        List<ContainerStatus> containers = statuses(lives, false);
        List<ContainerStatus> inits = statuses(lives, true);
        PodStatusBuilder status =
                new PodStatusBuilder()
                        .withPhase(phase(state, containers))
                        .withHostIP(facts.hostAddress())
                        .withHostIPs(new HostIP(facts.hostAddress()))
                        .withStartTime(time(facts.startTime()))
                        .withQosClass(qosClass(pod))
                        .withContainerStatuses(containers);
        if (!inits.isEmpty()) {
            status.withInitContainerStatuses(inits);
        }
        if (!facts.podAddress().isEmpty()) {
            status.withPodIP(facts.podAddress()).withPodIPs(new PodIP(facts.podAddress()));
        }
        if (state instanceof PodState.Waiting(String reason, String message)
                && !reason.equals("ContainerCreating")) {
            status.withReason(reason).withMessage(message);
        }
        return status.withConditions(conditions(pod, state, facts, lives, known, now)).build();
    }

    private static List<PodCondition> conditions(
            Pod pod,
            PodState state,
            PodFacts facts,
            Collection<ContainerLife> lives,
            List<PodCondition> known,
            Instant now) {
        boolean finished = state instanceof PodState.Finished(var _);
        boolean succeeded = state instanceof PodState.Finished(var good) && good;
        boolean initialized =
                switch (state) {
                    case PodState.Waiting _, PodState.Initializing _ -> false;
                    case PodState.Running _ -> true;
                    case PodState.Terminating(boolean was) -> was;
                    case PodState.Finished _ ->
                            lives.stream()
                                    .filter(life -> life.init)
                                    .allMatch(PodStatusView::endedWell);
                    case PodState.Gone _ -> true;
                };
        List<String> unready =
                lives.stream()
                        .filter(life -> !life.init && !life.ready)
                        .map(ContainerLife::name)
                        .toList();
        boolean ready = unready.isEmpty() && initialized && !finished;
        String reason = succeeded ? "PodCompleted" : finished ? "PodFailed" : "ContainersNotReady";
        String message = finished ? null : "containers with unready status: " + unready;
        List<PodCondition> result = new ArrayList<>();
        result.add(scheduled(pod, now));
        result.add(
                condition(
                        known,
                        "PodReadyToStartContainers",
                        !facts.podAddress().isEmpty() && !finished,
                        null,
                        null,
                        now));
        result.add(
                condition(
                        known,
                        "Initialized",
                        initialized,
                        initialized ? (succeeded ? reason : null) : "ContainersNotInitialized",
                        null,
                        now));
        for (String type : List.of("ContainersReady", "Ready")) {
            result.add(
                    condition(
                            known,
                            type,
                            ready,
                            ready ? null : reason,
                            ready ? null : message,
                            now));
        }
        return result;
    }

    private static PodCondition scheduled(Pod pod, Instant now) {
        if (pod.getStatus() != null) {
            for (PodCondition condition : pod.getStatus().getConditions()) {
                if (SCHEDULED.equals(condition.getType())) {
                    return condition;
                }
            }
        }
        return condition(List.of(), SCHEDULED, true, null, null, now);
    }

    private static PodCondition condition(
            List<PodCondition> known,
            String type,
            boolean value,
            @Nullable String reason,
            @Nullable String message,
            Instant now) {
        String status = value ? "True" : "False";
        String since = time(now);
        for (PodCondition before : known) {
            if (type.equals(before.getType()) && status.equals(before.getStatus())) {
                since = Objects.requireNonNullElse(before.getLastTransitionTime(), since);
            }
        }
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(since)
                .build();
    }

    private static String phase(PodState state, List<ContainerStatus> containers) {
        return switch (state) {
            case PodState.Waiting _, PodState.Initializing _ -> "Pending";
            case PodState.Running _ -> "Running";
            case PodState.Finished(boolean succeeded) -> succeeded ? "Succeeded" : "Failed";
            case PodState.Terminating _, PodState.Gone _ -> {
                boolean allEnded =
                        containers.stream().allMatch(c -> c.getState().getTerminated() != null);
                boolean allGood =
                        containers.stream()
                                .allMatch(c ->
                                        c.getState().getTerminated() != null
                                                && c.getState().getTerminated().getExitCode() == 0);
                yield !allEnded ? "Running" : allGood ? "Succeeded" : "Failed";
            }
        };
    }

    private static List<ContainerStatus> statuses(Collection<ContainerLife> lives, boolean init) {
        return lives.stream().filter(life -> life.init == init).map(PodStatusView::status).toList();
    }

    private static ContainerStatus status(ContainerLife life) {
        ContainerPhase.Ended last = life.last;
        return new ContainerStatusBuilder()
                .withName(life.name())
                .withImage(life.container.getImage())
                .withImageID(Objects.requireNonNullElse(life.imageId, ""))
                .withContainerID(life.containerId)
                .withReady(life.init ? endedWell(life) : life.ready)
                .withStarted(life.phase instanceof ContainerPhase.Running)
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
                            .withSignal(ended.exitCode() > 128 ? ended.exitCode() - 128 : null)
                            .withReason(ended.reason())
                            .withMessage(ended.message())
                            .withStartedAt(time(ended.startedAt()))
                            .withFinishedAt(time(ended.finishedAt()))
                            .endTerminated()
                            .build();
        };
    }

    private static boolean endedWell(ContainerLife life) {
        return life.phase instanceof ContainerPhase.Ended ended && ended.exitCode() == 0;
    }

    /** Guaranteed, Burstable or BestEffort, as the API concept page defines them. */
    static String qosClass(Pod pod) {
        boolean any = false;
        boolean all = true;
        for (Container container : pod.getSpec().getContainers()) {
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

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
