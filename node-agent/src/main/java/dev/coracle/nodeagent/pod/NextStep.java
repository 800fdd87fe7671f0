package dev.coracle.nodeagent.pod;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a pod that is not ending needs next, given its containers. Pure. */
sealed interface NextStep {

    /** Start these, if they neither run nor wait for a time. */
    record Start(List<ContainerLife> containers) implements NextStep {}

    /** Every init container is through: the pod is initialized; start these. */
    record Initialized(List<ContainerLife> containers) implements NextStep {}

    /** Nothing is left to do: end what still runs. */
    record End() implements NextStep {}

    /** The containers in the order of the spec, init containers first. */
    static NextStep of(String restartPolicy, boolean initialized, Collection<ContainerLife> lives) {
        List<ContainerLife> start = new ArrayList<>();
        for (ContainerLife life : lives) {
            switch (life.kind) {
                case SIDECAR -> {
                    add(start, life);
                    if (!initialized && !life.started) {
                        return new Start(start);
                    }
                }
                case INIT -> {
                    if (initialized || life.endedWell()) {
                        continue;
                    }
                    if (life.phase instanceof ContainerPhase.Ended
                            && restartPolicy.equals("Never")) {
                        return new End();
                    }
                    add(start, life);
                    return new Start(start);
                }
                case EPHEMERAL -> {
                    if (initialized && life.phase instanceof ContainerPhase.Waiting) {
                        add(start, life);
                    }
                }
                case MAIN -> {
                    if (!(life.phase instanceof ContainerPhase.Ended ended)
                            || restarts(restartPolicy, ended)) {
                        add(start, life);
                    }
                }
            }
        }
        boolean over =
                initialized
                        && lives.stream()
                                .filter(ContainerLife::isMain)
                                .allMatch(life ->
                                        life.phase instanceof ContainerPhase.Ended ended
                                                && !restarts(restartPolicy, ended));
        return over ? new End() : initialized ? new Start(start) : new Initialized(start);
    }

    /** Whether a container of a pod with this policy that ended so is started again. */
    static boolean restarts(String restartPolicy, ContainerPhase.Ended ended) {
        return switch (restartPolicy) {
            case "Never" -> false;
            case "OnFailure" -> ended.exitCode() != 0;
            default -> true;
        };
    }

    private static void add(List<ContainerLife> start, ContainerLife life) {
        if (!life.isRunning() && !life.hasTimer()) {
            start.add(life);
        }
    }
}
