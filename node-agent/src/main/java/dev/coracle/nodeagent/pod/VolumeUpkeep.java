package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.timing.Timers;
import dev.coracle.nodeagent.volume.MissingObjectException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a pod's volumes show up to date: hears of changes of their objects, and replaces
 * tokens before they expire. Confined to the pod's worker.
 */
final class VolumeUpkeep {

    private final PodContext context;
    private Timers.@Nullable Timer timer;
    private PodApi.@Nullable Following following;

    VolumeUpkeep(PodContext context) {
        this.context = context;
    }

    /** From now on. */
    void begin(Dwelling home) {
        refreshLater(home);
        if (following == null) {
            following =
                    context.tools()
                            .api()
                            .follow(
                                    context.pod(),
                                    () -> context.signal(new PodSignal.VolumesChanged()));
        }
    }

    /** Writes what has changed. */
    void refresh(Dwelling home) {
        try {
            home.volumes()
                    .refresh(context.facts().fields(context.pod(), context.host().node().get()));
            refreshLater(home);
        } catch (IOException | MissingObjectException e) {
            context.warning("FailedMount", String.valueOf(e.getMessage()));
        }
    }

    /** No longer. Idempotent. */
    void end() {
        PodApi.Following heard = following;
        if (heard != null) {
            heard.close();
            following = null;
        }
        cancel();
    }

    private void refreshLater(Dwelling home) {
        cancel();
        timer =
                home.volumes()
                        .staleAt()
                        .map(due ->
                                context.later(
                                        Duration.between(context.now(), due),
                                        new PodSignal.VolumesChanged()))
                        .orElse(null);
    }

    private void cancel() {
        Timers.Timer current = timer;
        if (current != null) {
            current.cancel();
            timer = null;
        }
    }
}
