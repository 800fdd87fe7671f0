package dev.coracle.nodeagent.pod;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.server.NodePods.NodePod;
import dev.coracle.nodeagent.stats.PodAccount;
import dev.coracle.nodeagent.timing.Timers;
import dev.coracle.nodeagent.volume.MissingObjectException;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pod: takes signals one at a time on its own thread, moves the state, does what {@link
 * NextStep} says, and writes the status when it differs from the last one written.
 */
final class PodWorker {

    private static final Logger log = LoggerFactory.getLogger(PodWorker.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final PodState.Cause DEADLINE =
            new PodState.Cause(
                    "DeadlineExceeded",
                    "Pod was active on the node longer than the specified deadline");

    private final PodContext context;
    private final PodAdmission admission;
    private final Consumer<PodWorker> onEnd;
    private final LinkedBlockingQueue<PodSignal> signals = new LinkedBlockingQueue<>();
    private final Map<String, ContainerLife> lives;
    private final ContainerRuns runs;
    private final ContainerEnding ending;
    private final StatusReport report;
    private final VolumeUpkeep volumes;
    private final PodUsage usage = new PodUsage();
    private final Backoff startBackoff = new Backoff(RETRY, Duration.ofSeconds(30));
    private PodState state = new PodState.Waiting("ContainerCreating", "");
    private @Nullable Dwelling dwelling;
    private boolean abandoned;
    private volatile @Nullable NodePod view;

    PodWorker(Pod pod, PodHost host, PodAdmission admission, Consumer<PodWorker> onEnd) {
        this.admission = admission;
        this.onEnd = onEnd;
        this.context = new PodContext(pod, host, signals::add);
        this.lives = ContainerLife.of(pod, host.firstBackoff(), host.longestBackoff());
        this.ending = new ContainerEnding(context, lives.values());
        this.runs = new ContainerRuns(context, ending);
        this.volumes = new VolumeUpkeep(context);
        this.report = new StatusReport(host.tools(), pod);
    }

    String uid() {
        return context.pod().getMetadata().getUid();
    }

    /** The object as last heard of. */
    Pod pod() {
        return context.pod();
    }

    /** The pod as others see it; null before its containers are known. */
    @Nullable NodePod view() {
        return view;
    }

    /** What the pod uses now. Any thread may ask. */
    PodAccount account() {
        return usage.read(context);
    }

    /** Gives the worker something to react to. Never blocks. */
    void signal(PodSignal signal) {
        signals.add(signal);
    }

    /** Starts the worker's thread. */
    Thread start() {
        signal(new PodSignal.TryAgain());
        return Thread.ofVirtual()
                .name("pod-" + context.pod().getMetadata().getNamespace() + "-" + context.name())
                .start(this::loop);
    }

    private void loop() {
        try {
            while (!(state instanceof PodState.Gone) && !abandoned) {
                handle(signals.take());
                view = PodViews.of(context, state, lives.values(), dwelling);
                if (signals.isEmpty() && !abandoned) {
                    report();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closeDwelling();
            admission.release(pod());
            runs.forget();
            onEnd.accept(this);
        }
    }

    private void handle(PodSignal signal) {
        switch (signal) {
            case PodSignal.Changed(Pod changed) -> changed(changed);
            case PodSignal.TryAgain() -> {
                if (state instanceof PodState.Waiting waiting) {
                    startPod(waiting);
                } else {
                    proceed();
                }
            }
            case PodSignal.Exited(String container, String runId, ExitStatus status) ->
                    exited(life(container), runId, status);
            case PodSignal.Probed probed -> {
                runs.probed(life(probed.container()), probed);
                proceed();
            }
            case PodSignal.PostStartOver over -> {
                runs.postStartOver(life(over.container()), over);
                proceed();
            }
            case PodSignal.RestartDue(String container) -> {
                life(container).cancelTimer();
                proceed();
            }
            case PodSignal.PreStopOver over ->
                    ending.preStopOver(life(over.container()), over, isEnding());
            case PodSignal.GraceOver(String container, String runId) ->
                    ending.graceOver(life(container), runId);
            case PodSignal.VolumesChanged() -> refreshVolumes();
            case PodSignal.DeadlineOver() -> endByNode(DEADLINE, PodRules.gracePeriod(pod()));
            case PodSignal.Evict(String message) ->
                    endByNode(new PodState.Cause("Evicted", message), Duration.ZERO);
            case PodSignal.Deleted() -> abandon();
            case PodSignal.Stop() -> abandon();
        }
    }

    private void changed(Pod changed) {
        Pod known = pod();
        Duration before = PodRules.gracePeriod(known);
        context.pod(changed);
        if (changed.getMetadata().getDeletionTimestamp() == null) {
            if (ContainerLife.addEphemeral(lives, changed, context.host())) {
                proceed();
            }
            if (!PodRules.describesItselfAlike(known, changed)) {
                refreshVolumes();
            }
            return;
        }
        if (!(state instanceof PodState.Terminating)) {
            terminate();
        } else if (PodRules.gracePeriod(changed).compareTo(before) < 0) {
            ending.shorten(PodRules.gracePeriod(changed));
        }
    }

    private void startPod(PodState.Waiting waiting) {
        if (pod().getMetadata().getDeletionTimestamp() != null) {
            terminate();
            return;
        }
        Optional<PodAdmission.Rejection> rejection = admission.admit(pod());
        if (rejection.isPresent()) {
            String reason = rejection.get().reason();
            String message = rejection.get().message();
            context.warning(reason, message);
            state = waiting.rejected(new PodState.Cause(reason, "Pod was rejected: " + message));
            return;
        }
        Optional<String> refusal =
                Unsupported.refusal(
                        pod(),
                        context.host()
                                .tools()
                                .network()
                                .nodeNamespace()
                                .equals(NetworkNamespace.OWN));
        if (refusal.isPresent()) {
            refuse(waiting, refusal.get());
            return;
        }
        try {
            Optional<Dwelling> found = Dwelling.find(pod(), context.host(), context.facts());
            Dwelling made =
                    found.isPresent()
                            ? found.get()
                            : Dwelling.make(pod(), context.host(), context.facts());
            dwelling = made;
            context.facts(context.facts().withPodAddress(made.address()));
            state = waiting.sandboxReady();
            awaitDeadline();
            volumes.begin(made);
            if (found.isPresent()) {
                adopt(made);
            }
            proceed();
        } catch (MissingObjectException e) {
            startFailed("FailedMount", String.valueOf(e.getMessage()));
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            startFailed(
                    "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
        }
    }

    private void adopt(Dwelling made) throws IOException {
        boolean _ = ContainerLife.addEphemeral(lives, pod(), context.host());
        for (PodSandbox.Adopted each : made.sandbox().adopt()) {
            ContainerLife life = lives.get(each.container());
            if (life != null) {
                runs.adopt(life, each);
            }
        }
    }

    private void refuse(PodState.Waiting waiting, String why) {
        state = waiting.stillFor("Unsupported", why);
        lives.values().forEach(life -> life.phase = new ContainerPhase.Waiting("Unsupported", why));
        context.warning("Unsupported", why);
    }

    private void startFailed(String reason, String message) {
        context.warning(reason, message);
        Duration pause = startBackoff.advance();
        Timers.Timer _ = context.later(pause.isZero() ? RETRY : pause, new PodSignal.TryAgain());
    }

    private void awaitDeadline() {
        Long seconds = pod().getSpec().getActiveDeadlineSeconds();
        if (seconds != null) {
            Instant end = context.facts().startTime().plusSeconds(seconds);
            Timers.Timer _ =
                    context.later(
                            Duration.between(context.now(), end), new PodSignal.DeadlineOver());
        }
    }

    /** Does what is due, as the containers now are. */
    private void proceed() {
        switch (state) {
            case PodState.Initializing initializing -> step(initializing, false);
            case PodState.Running running -> step(running, true);
            case PodState.Ending end -> finish(end);
            case PodState.Terminating _ -> finishTermination();
            case PodState.Waiting _, PodState.Finished _, PodState.Gone _ -> {}
        }
    }

    private void step(PodState now, boolean initialized) {
        switch (NextStep.of(context.restartPolicy(), initialized, lives.values())) {
            case NextStep.Start(var containers) -> containers.forEach(this::startContainer);
            case NextStep.Initialized(var containers) -> {
                if (now instanceof PodState.Initializing initializing) {
                    state = initializing.initialized();
                }
                lives.values().stream()
                        .filter(life ->
                                life.isMain() && life.phase instanceof ContainerPhase.Waiting)
                        .forEach(life ->
                                life.phase = new ContainerPhase.Waiting("ContainerCreating", null));
                containers.forEach(this::startContainer);
            }
            case NextStep.End() -> end(PodState.Cause.NONE, PodRules.gracePeriod(pod()));
        }
    }

    private void startContainer(ContainerLife life) {
        boolean wanted =
                state instanceof PodState.Initializing || state instanceof PodState.Running;
        if (!wanted || life.isRunning() || life.hasTimer()) {
            return;
        }
        runs.start(life, Objects.requireNonNull(dwelling, "no sandbox"));
        if (life.started && life.kind == ContainerLife.Kind.SIDECAR) {
            proceed();
        }
    }

    private void exited(ContainerLife life, String runId, ExitStatus status) {
        Dwelling home = dwelling;
        if (!life.isRun(runId) || home == null) {
            return;
        }
        runs.exited(
                life,
                status,
                home,
                state instanceof PodState.Running || state instanceof PodState.Initializing);
        ending.nextTurn();
        proceed();
    }

    private void refreshVolumes() {
        Dwelling home = dwelling;
        if (home != null) {
            volumes.refresh(home);
        }
    }

    private boolean isEnding() {
        return state instanceof PodState.Ending || state instanceof PodState.Terminating;
    }

    private void endByNode(PodState.Cause cause, Duration grace) {
        switch (state) {
            case PodState.Waiting waiting -> {
                context.warning(cause.reason(), cause.message());
                state = waiting.rejected(cause);
            }
            case PodState.Initializing _, PodState.Running _ -> {
                context.warning(cause.reason(), cause.message());
                end(cause, grace);
            }
            case PodState.Ending _,
                    PodState.Terminating _,
                    PodState.Finished _,
                    PodState.Gone _ -> {}
        }
    }

    private void end(PodState.Cause cause, Duration grace) {
        PodState.Ending next = state.ending(cause);
        state = next;
        ending.endAll(grace);
        finish(next);
    }

    private void finish(PodState.Ending end) {
        if (lives.values().stream().noneMatch(ContainerLife::isRunning)) {
            state = end.finished(PodRules.allSucceeded(lives.values()));
            closeDwelling();
            admission.release(pod());
        }
    }

    private void terminate() {
        if (state instanceof PodState.Terminating || state instanceof PodState.Gone) {
            return;
        }
        state = state.terminating();
        ending.endAll(PodRules.gracePeriod(pod()));
        finishTermination();
    }

    private void finishTermination() {
        if (!(state instanceof PodState.Terminating terminating)
                || lives.values().stream().anyMatch(ContainerLife::isRunning)) {
            return;
        }
        closeDwelling();
        report();
        try {
            context.tools().api().remove(pod());
            state = terminating.ended();
        } catch (IOException e) {
            log.warn("pod '{}' is not removed yet: {}", context.name(), e.getMessage());
            Timers.Timer _ = context.later(RETRY, new PodSignal.TryAgain());
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
        volumes.end();
    }

    private void report() {
        usage.note(lives.values());
        if (!(state instanceof PodState.Gone)
                && !report.write(pod(), state, context.facts(), lives.values())) {
            Timers.Timer _ = context.later(RETRY, new PodSignal.TryAgain());
        }
    }

    private ContainerLife life(String name) {
        return Objects.requireNonNull(lives.get(name), name);
    }
}
