package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.RunningContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Ends runs of containers: preStop hook, then SIGTERM, then SIGKILL when the grace period is over.
 * Of a pod that ends as a whole, sidecars get their SIGTERM after all others, the last one first.
 */
final class ContainerEnding {

    /** What a container has left after a hook that took all of the grace period. */
    private static final Duration SHORTEST_GRACE = Duration.ofSeconds(2);

    private static final Duration LONGEST_HOOK = Duration.ofHours(1);

    private final PodContext context;
    private final Collection<ContainerLife> lives;

    ContainerEnding(PodContext context, Collection<ContainerLife> lives) {
        this.context = context;
        this.lives = lives;
    }

    /** Ends every run. */
    void endAll(Duration grace) {
        for (ContainerLife life : lives) {
            if (!life.ending) {
                life.cancelTimer();
            }
            life.stopProbes();
            end(life, "Stopping container " + life.name(), grace);
        }
    }

    /** Ends one run; {@code message} is that of its event. */
    void end(ContainerLife life, String message, Duration grace) {
        RunningContainer run = life.run;
        if (run == null) {
            return;
        }
        if (grace.isZero()) {
            context.normal("Killing", message);
            run.kill();
            return;
        }
        if (life.ending) {
            return;
        }
        life.ending = true;
        context.normal("Killing", message);
        var over = new PodSignal.PreStopOver(life.name(), run.id(), grace, context.now());
        LifecycleHook.start(
                LifecycleHook.preStop(life.container),
                context,
                life.container,
                run,
                grace.compareTo(LONGEST_HOOK) < 0 ? grace : LONGEST_HOOK,
                failure -> {
                    failure.ifPresent(
                            _ -> context.warning("FailedPreStopHook", "PreStopHook failed"));
                    context.signal(over);
                });
    }

    /** The hook of a run is through. */
    void preStopOver(ContainerLife life, PodSignal.PreStopOver over, boolean whole) {
        if (!life.isRun(over.runId())) {
            return;
        }
        if (whole && life.kind == ContainerLife.Kind.SIDECAR && !hasTurn(life)) {
            life.awaitsTurn = over;
            life.timer(
                    context.later(left(over), new PodSignal.GraceOver(life.name(), over.runId())));
            return;
        }
        askToEnd(life, over);
    }

    /** Gives the sidecars that wait for the end of others their turn, if it has come. */
    void nextTurn() {
        for (ContainerLife life : lives) {
            PodSignal.PreStopOver over = life.awaitsTurn;
            if (over != null && hasTurn(life)) {
                askToEnd(life, over);
            }
        }
    }

    /** A run has had its time. */
    void graceOver(ContainerLife life, String runId) {
        RunningContainer run = life.run;
        if (run == null || !life.isRun(runId)) {
            return;
        }
        PodSignal.PreStopOver over = life.awaitsTurn;
        if (over == null) {
            run.kill();
        } else {
            askToEnd(life, over);
        }
    }

    /** A shorter grace period than the one that ends now. */
    void shorten(Duration grace) {
        for (ContainerLife life : lives) {
            RunningContainer run = life.run;
            if (run != null) {
                life.awaitsTurn = null;
                life.timer(context.later(grace, new PodSignal.GraceOver(life.name(), run.id())));
            }
        }
    }

    /** What is left of the grace period is the container's, but at least a moment. */
    private void askToEnd(ContainerLife life, PodSignal.PreStopOver over) {
        RunningContainer run = life.run;
        if (run == null || !life.isRun(over.runId())) {
            return;
        }
        life.awaitsTurn = null;
        Duration shortest =
                over.grace().compareTo(SHORTEST_GRACE) < 0 ? over.grace() : SHORTEST_GRACE;
        Duration left = left(over);
        run.terminate();
        life.timer(
                context.later(
                        left.compareTo(shortest) < 0 ? shortest : left,
                        new PodSignal.GraceOver(life.name(), run.id())));
    }

    private Duration left(PodSignal.PreStopOver over) {
        return over.grace().minus(Duration.between(over.since(), context.now()));
    }

    /** Whether all that ends before this sidecar has ended: main containers, later sidecars. */
    private boolean hasTurn(ContainerLife sidecar) {
        List<ContainerLife> after = new ArrayList<>(lives);
        return after.subList(after.indexOf(sidecar) + 1, after.size()).stream()
                .noneMatch(ContainerLife::isRunning);
    }
}
