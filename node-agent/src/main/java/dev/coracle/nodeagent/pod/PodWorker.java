package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.pod.PodApi.EventType;
import dev.coracle.nodeagent.pod.PodSignal.ProbeKind;
import dev.coracle.nodeagent.probe.ProbeLoop;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.server.NodePods.NodePod;
import dev.coracle.nodeagent.timing.Timers;
import dev.coracle.nodeagent.volume.MissingObjectException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pod: takes signals one at a time on its own thread, moves the state, writes the status
 * when it differs from the last one written.
 */
final class PodWorker {

    private static final Logger log = LoggerFactory.getLogger(PodWorker.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final PodHost host;
    private final Consumer<PodWorker> onEnd;
    private final LinkedBlockingQueue<PodSignal> signals = new LinkedBlockingQueue<>();
    private final Map<String, ContainerLife> lives;
    private final StatusReport report;
    private final String uid;
    private Pod pod;
    private PodFacts facts;
    private PodState state = new PodState.Waiting("ContainerCreating", "");
    private final Backoff startBackoff;
    private @Nullable Dwelling dwelling;
    private boolean abandoned;
    private volatile @Nullable NodePod view;

    PodWorker(Pod pod, PodHost host, Consumer<PodWorker> onEnd) {
        this.pod = pod;
        this.host = host;
        this.onEnd = onEnd;
        this.uid = pod.getMetadata().getUid();
        this.facts =
                new PodFacts(
                        host.nodeName(), host.nodeAddress(), "", host.tools().clock().instant());
        this.startBackoff = new Backoff(RETRY, Duration.ofSeconds(30));
        this.lives = ContainerLife.of(pod, host.firstBackoff(), host.longestBackoff());
        this.report = new StatusReport(host.tools(), pod);
    }

    String uid() {
        return uid;
    }

    /** The pod as others see it; null before its containers are known. */
    @Nullable NodePod view() {
        return view;
    }

    /** Gives the worker something to react to. Never blocks. */
    void signal(PodSignal signal) {
        signals.add(signal);
    }

    /** Starts the worker's thread. */
    Thread start() {
        signal(new PodSignal.TryAgain());
        return Thread.ofVirtual()
                .name("pod-" + pod.getMetadata().getNamespace() + "-" + name())
                .start(this::loop);
    }

    private void loop() {
        Unsupported.notEnforced(pod)
                .forEach(field ->
                        event(
                                EventType.NORMAL,
                                "NotEnforced",
                                field + " is accepted and has no effect on this node"));
        try {
            while (!(state instanceof PodState.Gone) && !abandoned) {
                handle(signals.take());
                view = PodViews.of(pod, host, state, facts, lives.values(), dwelling);
                if (signals.isEmpty() && !abandoned) {
                    report();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closeDwelling();
            onEnd.accept(this);
        }
    }

    private void handle(PodSignal signal) {
        switch (signal) {
            case PodSignal.Changed(Pod changed) -> {
                pod = changed;
                if (changed.getMetadata().getDeletionTimestamp() != null) {
                    terminate();
                }
            }
            case PodSignal.TryAgain() -> {
                if (state instanceof PodState.Waiting waiting) {
                    startPod(waiting);
                } else if (state instanceof PodState.Terminating) {
                    finishTermination();
                }
            }
            case PodSignal.Exited(String container, String runId, ExitStatus status) ->
                    exited(life(container), runId, status);
            case PodSignal.Probed probed -> probed(probed);
            case PodSignal.RestartDue(String container) -> restart(life(container));
            case PodSignal.PreStopOver over -> askToEnd(life(over.container()), over);
            case PodSignal.GraceOver(String container, String runId) -> {
                ContainerLife life = life(container);
                if (life.isRun(runId) && life.run != null) {
                    life.run.kill();
                }
            }
            case PodSignal.Deleted() -> abandon();
            case PodSignal.Stop() -> abandon();
        }
    }

    // -- start

    private void startPod(PodState.Waiting waiting) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            terminate();
            return;
        }
        var refusal = Unsupported.refusal(pod);
        if (refusal.isPresent()) {
            refuse(waiting, refusal.get());
            return;
        }
        try {
            Dwelling made = Dwelling.make(pod, host, facts);
            dwelling = made;
            facts = facts.withPodAddress(made.address());
            PodState.Initializing next = waiting.sandboxReady();
            state = next;
            proceed(next);
        } catch (MissingObjectException e) {
            startFailed("FailedMount", String.valueOf(e.getMessage()));
        } catch (IOException | IllegalStateException e) {
            startFailed("FailedCreatePodSandBox", String.valueOf(e.getMessage()));
        }
    }

    private void refuse(PodState.Waiting waiting, String why) {
        state = waiting.stillFor("Unsupported", why);
        lives.values().forEach(life -> life.phase = new ContainerPhase.Waiting("Unsupported", why));
        event(EventType.WARNING, "Unsupported", why);
    }

    private void startFailed(String reason, String message) {
        event(EventType.WARNING, reason, message);
        Duration pause = startBackoff.advance();
        later(pause.isZero() ? RETRY : pause, new PodSignal.TryAgain());
    }

    /** Starts the next init container, or all others when there is none left. */
    private void proceed(PodState.Initializing initializing) {
        List<ContainerLife> inits = lives.values().stream().filter(l -> l.init).toList();
        if (initializing.next() < inits.size()) {
            startContainer(inits.get(initializing.next()));
            return;
        }
        state = initializing.initialized();
        lives.values().stream().filter(life -> !life.init).forEach(this::startContainer);
    }

    private void startContainer(ContainerLife life) {
        Dwelling home = Objects.requireNonNull(dwelling, "no sandbox");
        switch (new ContainerStart(pod, host, facts, home).attempt(life)) {
            case ContainerStart.Outcome.Started(RunningContainer run, String imageId) -> {
                life.run = run;
                life.imageId = imageId;
                life.containerId = "coracle://" + run.id();
                life.phase = new ContainerPhase.Running(host.tools().clock().instant());
                Probe readiness = life.init ? null : life.container.getReadinessProbe();
                life.ready = readiness == null;
                probe(life, run, readiness, ProbeKind.READINESS);
                probe(life, run, life.container.getLivenessProbe(), ProbeKind.LIVENESS);
                CompletableFuture<Void> _ =
                        run.exit()
                                .thenAccept(status ->
                                        signal(
                                                new PodSignal.Exited(
                                                        life.name(), run.id(), status)));
            }
            case ContainerStart.Outcome.Failed(String reason, String message, boolean image) -> {
                Duration pause = life.backoff.advance();
                if (image) {
                    event(EventType.WARNING, "Failed", message);
                }
                boolean again =
                        life.phase instanceof ContainerPhase.Waiting(String before, var _)
                                && before.contains("ImagePull");
                life.phase =
                        image && again
                                ? new ContainerPhase.Waiting("ImagePullBackOff", message)
                                : new ContainerPhase.Waiting(reason, message);
                Duration wait = pause.isZero() ? RETRY : pause;
                life.timer(later(wait, new PodSignal.RestartDue(life.name())));
            }
        }
    }

    private void probe(
            ContainerLife life, RunningContainer run, @Nullable Probe probe, ProbeKind kind) {
        if (probe == null) {
            return;
        }
        life.addProbe(
                ProbeLoop.start(
                        probe,
                        host.tools().probes().of(probe, life.container, facts.podAddress(), run),
                        host.tools().timers(),
                        kind == ProbeKind.READINESS,
                        new ProbeVerdicts(
                                life.name(),
                                run.id(),
                                kind,
                                this::signal,
                                message -> event(EventType.WARNING, "Unhealthy", message))));
    }

    // -- life

    private void probed(PodSignal.Probed probed) {
        ContainerLife life = life(probed.container());
        if (!life.isRun(probed.runId()) || life.run == null) {
            return;
        }
        switch (probed.kind()) {
            case READINESS -> life.ready = probed.healthy();
            case LIVENESS -> {
                if (!probed.healthy()) {
                    life.stopProbes();
                    end(
                            life,
                            "failed liveness probe, will be restarted",
                            PodRules.gracePeriod(pod));
                }
            }
        }
    }

    private void exited(ContainerLife life, String runId, ExitStatus status) {
        if (!life.isRun(runId)
                || !(life.phase instanceof ContainerPhase.Running(Instant startedAt))) {
            return;
        }
        Instant now = host.tools().clock().instant();
        ContainerPhase.Ended ended =
                new ContainerPhase.Ended(
                        "coracle://" + runId,
                        status.code(),
                        status.isSuccess() ? "Completed" : "Error",
                        null,
                        startedAt,
                        now);
        life.ended(ended);
        switch (state) {
            case PodState.Initializing initializing -> {
                if (status.isSuccess()) {
                    PodState.Initializing next = initializing.oneDone();
                    state = next;
                    proceed(next);
                } else if ("Never".equals(pod.getSpec().getRestartPolicy())) {
                    state = initializing.failed();
                    closeDwelling();
                } else {
                    restartLater(life, ended);
                }
            }
            case PodState.Running running -> {
                if (PodRules.restarts(pod, status)) {
                    restartLater(life, ended);
                } else if (PodRules.allEnded(lives.values())) {
                    state = running.finished(PodRules.allSucceeded(lives.values()));
                    closeDwelling();
                }
            }
            case PodState.Terminating _ -> finishTermination();
            case PodState.Waiting _, PodState.Finished _, PodState.Gone _ ->
                    log.debug("container '{}' ended late", life.name());
        }
    }

    private void restartLater(ContainerLife life, ContainerPhase.Ended ended) {
        life.last = ended;
        Duration pause = life.backoff.after(ended.startedAt(), ended.finishedAt());
        if (pause.isZero()) {
            restart(life);
            return;
        }
        String message =
                "back-off "
                        + pause.toSeconds()
                        + "s restarting failed container="
                        + life.name()
                        + " pod="
                        + name();
        life.phase = new ContainerPhase.Waiting("CrashLoopBackOff", message);
        event(EventType.WARNING, "BackOff", message);
        life.timer(later(pause, new PodSignal.RestartDue(life.name())));
    }

    private void restart(ContainerLife life) {
        boolean wanted =
                state instanceof PodState.Running || state instanceof PodState.Initializing;
        if (!wanted || life.isRunning() || dwelling == null) {
            return;
        }
        if (life.last != null) {
            life.restarts++;
        }
        startContainer(life);
    }

    // -- end

    private void terminate() {
        if (state instanceof PodState.Terminating || state instanceof PodState.Gone) {
            return;
        }
        state = new PodState.Terminating(state instanceof PodState.Running);
        Duration grace = PodRules.gracePeriod(pod);
        for (ContainerLife life : lives.values()) {
            life.cancelTimer();
            if (life.isRunning()) {
                end(life, "", grace);
            }
        }
        finishTermination();
    }

    private void end(ContainerLife life, String why, Duration grace) {
        RunningContainer run = life.run;
        if (run == null) {
            return;
        }
        event(
                EventType.NORMAL,
                "Killing",
                why.isEmpty()
                        ? "Stopping container " + life.name()
                        : "Container " + life.name() + " " + why);
        if (grace.isZero()) {
            run.kill();
            return;
        }
        var over =
                new PodSignal.PreStopOver(
                        life.name(), run.id(), grace, host.tools().clock().instant());
        switch (PreStop.of(life.container)) {
            case PreStop.None() -> askToEnd(life, over);
            case PreStop.Sleep(Duration time) ->
                    life.timer(later(time.compareTo(grace) < 0 ? time : grace, over));
            case PreStop.Exec(List<String> command) ->
                    Thread.ofVirtual()
                            .name("pre-stop-" + life.name())
                            .start(() -> {
                                PreStop.run(run, command, grace)
                                        .ifPresent(failure ->
                                                event(
                                                        EventType.WARNING,
                                                        "FailedPreStopHook",
                                                        failure));
                                signal(over);
                            });
        }
    }

    /** What is left of the grace period is the container's, but at least a moment. */
    private void askToEnd(ContainerLife life, PodSignal.PreStopOver over) {
        RunningContainer run = life.run;
        if (run == null || !life.isRun(over.runId())) {
            return;
        }
        Duration left =
                over.grace().minus(Duration.between(over.since(), host.tools().clock().instant()));
        Duration shortest =
                over.grace().compareTo(PreStop.SHORTEST_GRACE) < 0
                        ? over.grace()
                        : PreStop.SHORTEST_GRACE;
        run.terminate();
        life.timer(
                later(
                        left.compareTo(shortest) < 0 ? shortest : left,
                        new PodSignal.GraceOver(life.name(), run.id())));
    }

    private void finishTermination() {
        if (!(state instanceof PodState.Terminating terminating)
                || lives.values().stream().anyMatch(ContainerLife::isRunning)) {
            return;
        }
        closeDwelling();
        report();
        try {
            host.tools().api().remove(pod);
            state = terminating.ended();
        } catch (IOException e) {
            log.warn("pod '{}' is not removed yet: {}", name(), e.getMessage());
            Timers.Timer _ = later(RETRY, new PodSignal.TryAgain());
        }
    }

    /** Ends the processes at once and leaves the object alone. */
    private void abandon() {
        abandoned = true;
        lives.values()
                .forEach(life -> {
                    life.stopProbes();
                    life.cancelTimer();
                });
        closeDwelling();
    }

    private void closeDwelling() {
        Dwelling home = dwelling;
        if (home != null) {
            home.close();
            dwelling = null;
        }
    }

    // -- status

    private void report() {
        if (!(state instanceof PodState.Gone) && !report.write(pod, state, facts, lives.values())) {
            Timers.Timer _ = later(RETRY, new PodSignal.TryAgain());
        }
    }

    private Timers.Timer later(Duration delay, PodSignal signal) {
        return host.tools().timers().after(delay, () -> signal(signal));
    }

    private void event(EventType type, String reason, String message) {
        host.tools().api().event(pod, type, reason, message);
    }

    private ContainerLife life(String name) {
        return Objects.requireNonNull(lives.get(name), name);
    }

    private String name() {
        return pod.getMetadata().getName();
    }
}
