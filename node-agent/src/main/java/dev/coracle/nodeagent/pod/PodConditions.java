package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The conditions that a node keeps on a pod, and those of others as they are. Pure. */
final class PodConditions {

    private static final List<String> OWN =
            List.of(
                    "PodReadyToStartContainers",
                    "Initialized",
                    "ContainersReady",
                    "Ready",
                    "PodScheduled");

    private final Pod pod;
    private final String phase;
    private final PodFacts facts;
    private final Collection<ContainerLife> lives;
    private final List<PodCondition> known;
    private final Instant now;

    PodConditions(
            Pod pod,
            String phase,
            PodFacts facts,
            Collection<ContainerLife> lives,
            List<PodCondition> known,
            Instant now) {
        this.pod = pod;
        this.phase = phase;
        this.facts = facts;
        this.lives = lives;
        this.known = known;
        this.now = now;
    }

    List<PodCondition> of(PodState state) {
        boolean finished = phase.equals("Succeeded") || phase.equals("Failed");
        List<PodCondition> result = new ArrayList<>();
        result.add(
                condition(
                        "PodReadyToStartContainers",
                        !facts.podAddress().isEmpty() && !finished,
                        null,
                        null));
        result.add(initialized(state));
        Unready containers = unready(life -> life.isMain() || isSidecar(life), "unready");
        boolean containersReady = containers.isNone() && !finished && isInitialized(state);
        result.add(ready("ContainersReady", containersReady, containers));
        Unready gates = containersReady ? openGates() : containers;
        result.add(ready("Ready", containersReady && gates.isNone(), gates));
        result.add(scheduled());
        if (state instanceof PodState.Finished(var _, PodState.Cause(String why, String message))
                && why.equals("Evicted")) {
            result.add(condition("DisruptionTarget", true, "TerminationByKubelet", message));
        }
        others(result);
        return result;
    }

    private PodCondition initialized(PodState state) {
        if (phase.equals("Succeeded")) {
            return condition("Initialized", true, "PodCompleted", null);
        }
        if (isInitialized(state)) {
            return condition("Initialized", true, null, null);
        }
        List<String> incomplete =
                names(life ->
                        switch (life.kind) {
                            case INIT -> !life.endedWell();
                            case SIDECAR -> !life.started;
                            case MAIN, EPHEMERAL -> false;
                        });
        return condition(
                "Initialized",
                false,
                "ContainersNotInitialized",
                "containers with incomplete status: " + list(incomplete));
    }

    private boolean isInitialized(PodState state) {
        return switch (state) {
            case PodState.Waiting _, PodState.Initializing _ ->
                    lives.stream().allMatch(life -> life.isMain() || !life.counts());
            case PodState.Running _, PodState.Gone _ -> true;
            case PodState.Ending(boolean was, var _) -> was;
            case PodState.Terminating(boolean was, var _) -> was;
            case PodState.Finished _ ->
                    lives.stream()
                            .filter(life -> life.kind == ContainerLife.Kind.INIT)
                            .allMatch(ContainerLife::endedWell);
        };
    }

    private PodCondition ready(String type, boolean value, Unready why) {
        if (phase.equals("Succeeded")) {
            return condition(type, false, "PodCompleted", null);
        }
        if (phase.equals("Failed")) {
            return condition(type, false, "PodFailed", null);
        }
        return value
                ? condition(type, true, null, null)
                : condition(type, false, why.reason(), why.message());
    }

    private Unready unready(Predicate<ContainerLife> which, String what) {
        List<String> names = names(life -> which.test(life) && !life.ready);
        return names.isEmpty()
                ? new Unready("", "")
                : new Unready(
                        "ContainersNotReady",
                        "containers with " + what + " status: " + list(names));
    }

    private Unready openGates() {
        List<String> messages = new ArrayList<>();
        for (PodReadinessGate gate : pod.getSpec().getReadinessGates()) {
            String type = gate.getConditionType();
            Optional<PodCondition> found =
                    present().stream().filter(c -> type.equals(c.getType())).findFirst();
            if (found.isEmpty()) {
                messages.add(
                        "corresponding condition of pod readiness gate \""
                                + type
                                + "\" does not exist.");
            } else if (!"True".equals(found.get().getStatus())) {
                messages.add(
                        "the status of pod readiness gate \""
                                + type
                                + "\" is not \"True\", but "
                                + found.get().getStatus());
            }
        }
        return messages.isEmpty()
                ? new Unready("", "")
                : new Unready("ReadinessGatesNotReady", String.join(", ", messages));
    }

    private PodCondition scheduled() {
        for (PodCondition condition : present()) {
            if ("PodScheduled".equals(condition.getType())) {
                return condition;
            }
        }
        return condition("PodScheduled", true, null, null);
    }

    private void others(List<PodCondition> result) {
        for (PodCondition condition : present()) {
            boolean has = result.stream().anyMatch(c -> c.getType().equals(condition.getType()));
            if (!has && !OWN.contains(condition.getType())) {
                result.add(condition);
            }
        }
    }

    private List<PodCondition> present() {
        return pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
    }

    private List<String> names(Predicate<ContainerLife> which) {
        return lives.stream().filter(which).map(ContainerLife::name).toList();
    }

    private static String list(List<String> names) {
        return "[" + String.join(" ", names) + "]";
    }

    private static boolean isSidecar(ContainerLife life) {
        return life.kind == ContainerLife.Kind.SIDECAR;
    }

    private PodCondition condition(
            String type, boolean value, @Nullable String reason, @Nullable String message) {
        String status = value ? "True" : "False";
        String since = PodStatusView.time(now);
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

    /** Why a pod is not ready. */
    private record Unready(String reason, String message) {
        boolean isNone() {
            return reason.isEmpty();
        }
    }
}
