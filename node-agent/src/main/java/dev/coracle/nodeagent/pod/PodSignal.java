package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.ExitStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Something a pod worker reacts to. */
sealed interface PodSignal {

    /** The object as it now is. */
    record Changed(Pod pod) implements PodSignal {}

    /** The object is gone: nobody waits for a graceful end. */
    record Deleted() implements PodSignal {}

    /** A run of a container has ended. */
    record Exited(String container, String runId, ExitStatus status) implements PodSignal {}

    /** A probe of a run reached a verdict. */
    record Probed(String container, String runId, ProbeKind kind, boolean healthy, String message)
            implements PodSignal {}

    /** Time to try what had failed: start the pod, or write its status. */
    record TryAgain() implements PodSignal {}

    /** Time to start a container again. */
    record RestartDue(String container) implements PodSignal {}

    /** What a run does after it was started is done; why it failed, if it did. */
    record PostStartOver(String container, String runId, Optional<String> failure)
            implements PodSignal {}

    /** What a run does before it is asked to end is done, since when its grace period runs. */
    record PreStopOver(String container, String runId, Duration grace, Instant since)
            implements PodSignal {}

    /** The grace period of a run is over. */
    record GraceOver(String container, String runId) implements PodSignal {}

    /** Something that a volume shows may have changed. */
    record VolumesChanged() implements PodSignal {}

    /** The pod has been active for {@code activeDeadlineSeconds}. */
    record DeadlineOver() implements PodSignal {}

    /** The node needs what the pod uses. */
    record Evict(String message) implements PodSignal {}

    /** The agent ends: leave the object, end the processes. */
    record Stop() implements PodSignal {}

    /** Which probe. */
    enum ProbeKind {
        STARTUP("Startup"),
        READINESS("Readiness"),
        LIVENESS("Liveness");

        private final String text;

        ProbeKind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}
