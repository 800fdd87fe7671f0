package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.pod.PodSignal.ProbeKind;
import dev.coracle.nodeagent.probe.ProbeLoop;
import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a pod's containers, from the start through hook and probes to the exit. Confined to
 * the pod's worker.
 */
final class ContainerRuns {

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_HOOK = Duration.ofHours(1);

    private final PodContext context;
    private final ContainerEnding ending;
    private final Set<ProbeMetrics.Target> targets = new HashSet<>();

    ContainerRuns(PodContext context, ContainerEnding ending) {
        this.context = context;
        this.ending = ending;
    }

    /** Starts a run, or sets the time of the next attempt. */
    void start(ContainerLife life, Dwelling home) {
        switch (new ContainerStart(context, home).attempt(life)) {
            case ContainerStart.Outcome.Started(RunningContainer run, String imageId) -> {
                life.begins(run, imageId, context.now());
                CompletableFuture<Void> _ =
                        run.exit()
                                .thenAccept(status ->
                                        context.signal(
                                                new PodSignal.Exited(
                                                        life.name(), run.id(), status)));
                if (LifecycleHook.postStart(life.container) instanceof LifecycleHook.None) {
                    runs(life, run);
                } else {
                    life.phase = new ContainerPhase.Waiting("ContainerCreating", null);
                    LifecycleHook.start(
                            LifecycleHook.postStart(life.container),
                            context,
                            life.container,
                            run,
                            LONGEST_HOOK,
                            failure ->
                                    context.signal(
                                            new PodSignal.PostStartOver(
                                                    life.name(), run.id(), failure)));
                }
            }
            case ContainerStart.Outcome.Pulling(CompletableFuture<?> end) -> {
                PodSignal due = new PodSignal.RestartDue(life.name());
                // nothing else starts it meanwhile
                life.timer(() -> {});
                CompletableFuture<Void> _ =
                        end.handle((_, _) -> {
                            context.signal(due);
                            return null;
                        });
            }
            case ContainerStart.Outcome.Failed(
                            String reason,
                            String message,
                            @Nullable Duration again) -> {
                life.phase = new ContainerPhase.Waiting(reason, message);
                Duration pause = again == null ? life.startBackoff.advance() : again;
                life.timer(
                        context.later(
                                pause.isZero() ? RETRY : pause,
                                new PodSignal.RestartDue(life.name())));
            }
        }
    }

    /** Goes on with a run of an earlier agent. */
    void adopt(ContainerLife life, PodSandbox.Adopted found) {
        KnownStatus known = KnownStatus.of(context.pod(), life.name());
        RunningContainer run = found.run();
        life.adopts(found, known.last());
        life.log =
                PodViews.logs(context.pod(), context.host())
                        .resolve(life.name())
                        .resolve(found.attempt() + ".log");
        life.cgroup =
                context.tools()
                        .cgroups()
                        .present(context.pod().getMetadata().getUid(), life.name());
        if (known.started() || life.container.getStartupProbe() == null) {
            life.running();
            isStarted(life, run);
            life.ready = life.ready || known.ready();
        } else {
            runs(life, run);
        }
        CompletableFuture<Void> _ =
                run.exit()
                        .thenAccept(status ->
                                context.signal(
                                        new PodSignal.Exited(life.name(), run.id(), status)));
    }

    /** The pod is gone: nobody asks any more how its probes went. */
    void forget() {
        targets.forEach(context.tools().probes()::forget);
    }

    /** The hook after the start is through. */
    void postStartOver(ContainerLife life, PodSignal.PostStartOver over) {
        RunningContainer run = life.run;
        if (run == null || !life.isRun(over.runId())) {
            return;
        }
        if (over.failure().isEmpty()) {
            runs(life, run);
            return;
        }
        context.warning("FailedPostStartHook", "PostStartHook failed");
        life.running();
        ending.end(life, "FailedPostStartHook", PodRules.gracePeriod(context.pod()));
    }

    /** A probe of a run has decided. */
    void probed(ContainerLife life, PodSignal.Probed probed) {
        RunningContainer run = life.run;
        if (run == null || !life.isRun(probed.runId()) || life.ending) {
            return;
        }
        switch (probed.kind()) {
            case READINESS -> life.ready = probed.healthy();
            case STARTUP -> {
                if (probed.healthy()) {
                    if (!life.started) {
                        life.stopProbes();
                        isStarted(life, run);
                    }
                } else {
                    failed(life, "startup", life.container.getStartupProbe());
                }
            }
            case LIVENESS -> {
                if (!probed.healthy()) {
                    failed(life, "liveness", life.container.getLivenessProbe());
                }
            }
        }
    }

    /** Turns the end of a run into the container's phase; sets the time of the next one. */
    void exited(ContainerLife life, ExitStatus status, Dwelling home, boolean restarts) {
        ContainerPhase.Ended ended = ended(life, status, home);
        life.ended(ended);
        if (!restarts || !willRestart(life, ended)) {
            return;
        }
        life.last = ended;
        Duration pause = life.backoff.after(life.startedAt, ended.finishedAt());
        boolean neverRan = ended.reason().equals("StartError");
        if (pause.isZero() && !neverRan) {
            return;
        }
        if (pause.isZero()) {
            life.phase = new ContainerPhase.Waiting("RunContainerError", ended.message());
            life.timer(context.later(RETRY, new PodSignal.RestartDue(life.name())));
            return;
        }
        String pod = PodRules.fullName(context.pod());
        life.phase =
                new ContainerPhase.Waiting(
                        "CrashLoopBackOff",
                        "back-off %s restarting failed container=%s pod=%s"
                                .formatted(text(pause), life.name(), pod));
        context.warning(
                "BackOff",
                "Back-off restarting failed container " + life.name() + " in pod " + pod);
        life.timer(context.later(pause, new PodSignal.RestartDue(life.name())));
    }

    private boolean willRestart(ContainerLife life, ContainerPhase.Ended ended) {
        return switch (life.kind) {
            case SIDECAR -> true;
            case INIT -> ended.exitCode() != 0 && !context.restartPolicy().equals("Never");
            case MAIN -> NextStep.restarts(context.restartPolicy(), ended);
            case EPHEMERAL -> false;
        };
    }

    private ContainerPhase.Ended ended(ContainerLife life, ExitStatus status, Dwelling home) {
        Instant now = Objects.requireNonNullElseGet(life.endedAt, context::now);
        String id = Objects.requireNonNullElse(life.containerId, "");
        Postmortem found = home.postmortem(life, status);
        if (!found.failure().isEmpty()) {
            context.warning("Failed", "Error: " + found.failure());
            return new ContainerPhase.Ended(
                    id, 128, "StartError", found.failure(), Instant.EPOCH, now);
        }
        String reason =
                found.outOfMemory() ? "OOMKilled" : status.isSuccess() ? "Completed" : "Error";
        return new ContainerPhase.Ended(
                id, status.code(), reason, found.message(), life.startedAt, now);
    }

    private void runs(ContainerLife life, RunningContainer run) {
        life.running();
        if (life.container.getStartupProbe() != null) {
            probe(life, run, life.container.getStartupProbe(), ProbeKind.STARTUP);
        } else {
            isStarted(life, run);
        }
    }

    private void isStarted(ContainerLife life, RunningContainer run) {
        life.started = true;
        boolean probed = life.kind != ContainerLife.Kind.INIT;
        Probe readiness = probed ? life.container.getReadinessProbe() : null;
        life.ready = readiness == null;
        probe(life, run, readiness, ProbeKind.READINESS);
        probe(life, run, probed ? life.container.getLivenessProbe() : null, ProbeKind.LIVENESS);
    }

    private void failed(ContainerLife life, String what, Probe probe) {
        life.stopProbes();
        Long own = probe.getTerminationGracePeriodSeconds();
        ending.end(
                life,
                "Container " + life.name() + " failed " + what + " probe, will be restarted",
                own == null ? PodRules.gracePeriod(context.pod()) : Duration.ofSeconds(own));
    }

    private void probe(
            ContainerLife life, RunningContainer run, @Nullable Probe probe, ProbeKind kind) {
        if (probe == null) {
            return;
        }
        ProbeMetrics.Target target =
                new ProbeMetrics.Target(
                        kind.text(),
                        life.name(),
                        context.name(),
                        context.pod().getMetadata().getNamespace(),
                        context.pod().getMetadata().getUid());
        targets.add(target);
        life.addProbe(
                ProbeLoop.start(
                        probe,
                        context.tools()
                                .probes()
                                .of(
                                        probe,
                                        life.container,
                                        context.facts().podAddress(),
                                        run,
                                        target),
                        context.tools().timers(),
                        kind == ProbeKind.READINESS,
                        new ProbeVerdicts(
                                life.name(),
                                run.id(),
                                kind,
                                context::signal,
                                message -> context.warning("Unhealthy", message))));
    }

    /** As Go prints durations. */
    private static String text(Duration duration) {
        long seconds = duration.toSeconds();
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}
