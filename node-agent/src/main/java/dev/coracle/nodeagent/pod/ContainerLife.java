package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.cgroup.ContainerCgroup;
import dev.coracle.nodeagent.probe.ProbeLoop;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One container of a pod over all its runs. Confined to its pod worker. */
final class ContainerLife {

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

    final Container container;
    final Kind kind;
    final Backoff backoff;
    final ContainerImage image;
    final Backoff startBackoff = new Backoff(RETRY, LONGEST_RETRY);
    private final List<ProbeLoop> probes = new ArrayList<>();
    ContainerPhase phase;
    ContainerPhase.@Nullable Ended last;
    int restarts;
    boolean ready;
    boolean started;
    Instant startedAt = Instant.EPOCH;
    Path log = Path.of("/dev/null");
    @Nullable String imageId;
    @Nullable String containerId;
    @Nullable RunningContainer run;
    @Nullable ContainerCgroup cgroup;
    PodSignal.@Nullable PreStopOver awaitsTurn;
    boolean ending;
    // of a run that ended while no agent looked
    @Nullable Instant endedAt;
    private boolean hadRun;
    private Timers.@Nullable Timer timer;

    ContainerLife(Container container, Kind kind, ContainerPhase phase, Backoff backoff) {
        this.container = container;
        this.kind = kind;
        this.phase = phase;
        this.backoff = backoff;
        this.image = backoff.forImage();
    }

    /** What a container is for. */
    enum Kind {
        /** Runs to its end before the next one. */
        INIT,
        /** Started among the init containers, runs as long as the pod. */
        SIDECAR,
        MAIN,
        /** Added to the pod while it runs; runs once and counts for nothing. */
        EPHEMERAL
    }

    /** The ephemeral containers of a pod. */
    static List<Container> ephemeral(Pod pod) {
        return pod.getSpec().getEphemeralContainers().stream()
                .map(Serialization::asJson)
                .map(json -> Serialization.unmarshal(json, Container.class))
                .toList();
    }

    /** Whether it has to do with the state of the pod. */
    boolean counts() {
        return kind != Kind.EPHEMERAL;
    }

    /**
     * The containers of a pod by name, init containers first. Runs that its status tells of, from
     * before a restart of the agent, count.
     */
    static Map<String, ContainerLife> of(Pod pod, Duration firstBackoff, Duration longestBackoff) {
        Map<String, ContainerLife> lives = new LinkedHashMap<>();
        boolean inits = !pod.getSpec().getInitContainers().isEmpty();
        var waiting =
                new ContainerPhase.Waiting(inits ? "PodInitializing" : "ContainerCreating", null);
        for (Container container : pod.getSpec().getInitContainers()) {
            Kind kind = "Always".equals(container.getRestartPolicy()) ? Kind.SIDECAR : Kind.INIT;
            Backoff backoff = new Backoff(firstBackoff, longestBackoff);
            lives.put(container.getName(), new ContainerLife(container, kind, waiting, backoff));
        }
        for (Container container : pod.getSpec().getContainers()) {
            Backoff backoff = new Backoff(firstBackoff, longestBackoff);
            lives.put(
                    container.getName(), new ContainerLife(container, Kind.MAIN, waiting, backoff));
        }
        if (pod.getStatus() != null) {
            List<ContainerStatus> before = new ArrayList<>();
            before.addAll(pod.getStatus().getInitContainerStatuses());
            before.addAll(pod.getStatus().getContainerStatuses());
            for (ContainerStatus known : before) {
                ContainerLife life = lives.get(known.getName());
                if (life != null && known.getContainerID() != null) {
                    life.restarts = known.getRestartCount() + 1;
                }
            }
        }
        return lives;
    }

    /** One that was added to the pod. */
    static ContainerLife added(Container container, Duration firstBackoff, Duration longest) {
        return new ContainerLife(
                container,
                Kind.EPHEMERAL,
                new ContainerPhase.Waiting("ContainerCreating", null),
                new Backoff(firstBackoff, longest));
    }

    /** Adds the ephemeral containers that are not known yet; whether there are any. */
    static boolean addEphemeral(Map<String, ContainerLife> lives, Pod pod, PodHost host) {
        boolean any = false;
        for (Container container : ephemeral(pod)) {
            if (!lives.containsKey(container.getName())) {
                lives.put(
                        container.getName(),
                        added(container, host.firstBackoff(), host.longestBackoff()));
                any = true;
            }
        }
        return any;
    }

    String name() {
        return container.getName();
    }

    boolean isMain() {
        return kind == Kind.MAIN;
    }

    boolean isRunning() {
        return run != null;
    }

    boolean isRun(String id) {
        RunningContainer current = run;
        return current != null && current.id().equals(id);
    }

    /** Whether it has ended and its last run did well. */
    boolean endedWell() {
        return phase instanceof ContainerPhase.Ended ended && ended.exitCode() == 0;
    }

    /** The number that the next run has among all runs, from 0. */
    int nextAttempt() {
        return hadRun ? restarts + 1 : restarts;
    }

    /** A run has begun; it counts as running once it is {@link #running}. */
    void begins(RunningContainer begun, String image, Instant now) {
        restarts = nextAttempt();
        hadRun = true;
        run = begun;
        imageId = image;
        containerId = "coracle://" + begun.id();
        startedAt = now;
        endedAt = null;
        ending = false;
        awaitsTurn = null;
    }

    /** A run that an earlier agent began goes on, or has ended meanwhile. */
    void adopts(PodSandbox.Adopted found, ContainerPhase.@Nullable Ended before) {
        restarts = found.attempt();
        hadRun = true;
        run = found.run();
        imageId = found.imageId();
        containerId = "coracle://" + found.run().id();
        startedAt = found.startedAt();
        endedAt = found.endedAt();
        last = before;
    }

    /** What follows its start is done. */
    void running() {
        phase = new ContainerPhase.Running(startedAt);
    }

    void addProbe(ProbeLoop probe) {
        probes.add(probe);
    }

    /** The run has ended: no probe of it counts any more. */
    void ended(ContainerPhase.Ended how) {
        stopProbes();
        cancelTimer();
        run = null;
        ready = false;
        started = false;
        ending = false;
        awaitsTurn = null;
        phase = how;
    }

    void stopProbes() {
        probes.forEach(ProbeLoop::close);
        probes.clear();
    }

    /** Whether something is going to happen to it by itself. */
    boolean hasTimer() {
        return timer != null;
    }

    /** Sets the one timer of this container; an earlier one is cancelled. */
    void timer(Timers.Timer next) {
        cancelTimer();
        timer = next;
    }

    void cancelTimer() {
        Timers.Timer current = timer;
        if (current != null) {
            current.cancel();
            timer = null;
        }
    }
}
