package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.probe.ProbeLoop;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One container of a pod over all its runs. Confined to its pod worker. */
final class ContainerLife {

    final Container container;
    final boolean init;
    final Backoff backoff;
    private final List<ProbeLoop> probes = new ArrayList<>();
    ContainerPhase phase = new ContainerPhase.Waiting("ContainerCreating", null);
    ContainerPhase.@Nullable Ended last;
    int restarts;
    boolean ready;
    @Nullable String imageId;
    @Nullable String containerId;
    @Nullable RunningContainer run;
    private Timers.@Nullable Timer timer;

    ContainerLife(Container container, boolean init, Backoff backoff) {
        this.container = container;
        this.init = init;
        this.backoff = backoff;
    }

    /**
     * The containers of a pod by name, init containers first. Runs that its status tells of, from
     * before a restart of the agent, count.
     */
    static Map<String, ContainerLife> of(Pod pod, Duration firstBackoff, Duration longestBackoff) {
        Map<String, ContainerLife> lives = new LinkedHashMap<>();
        for (Container container : pod.getSpec().getInitContainers()) {
            Backoff backoff = new Backoff(firstBackoff, longestBackoff);
            lives.put(container.getName(), new ContainerLife(container, true, backoff));
        }
        for (Container container : pod.getSpec().getContainers()) {
            Backoff backoff = new Backoff(firstBackoff, longestBackoff);
            lives.put(container.getName(), new ContainerLife(container, false, backoff));
        }
        if (pod.getStatus() != null) {
            for (ContainerStatus known : pod.getStatus().getContainerStatuses()) {
                ContainerLife life = lives.get(known.getName());
                if (life != null && known.getContainerID() != null) {
                    life.restarts = known.getRestartCount() + 1;
                }
            }
        }
        return lives;
    }

    String name() {
        return container.getName();
    }

    boolean isRunning() {
        return run != null;
    }

    boolean isRun(String id) {
        RunningContainer current = run;
        return current != null && current.id().equals(id);
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
        phase = how;
    }

    void stopProbes() {
        probes.forEach(ProbeLoop::close);
        probes.clear();
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
