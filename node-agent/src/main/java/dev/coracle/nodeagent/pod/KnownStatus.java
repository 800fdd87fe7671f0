package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the API server knows of a container from an earlier agent. Pure. */
record KnownStatus(boolean ready, boolean started, ContainerPhase.@Nullable Ended last) {

    static KnownStatus of(Pod pod, String container) {
        return statuses(pod)
                .filter(status -> status.getName().equals(container))
                .findFirst()
                .map(status ->
                        new KnownStatus(
                                Boolean.TRUE.equals(status.getReady()),
                                Boolean.TRUE.equals(status.getStarted()),
                                last(status).orElse(null)))
                .orElse(new KnownStatus(false, false, null));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return pod.getStatus() == null
                ? Stream.empty()
                : Stream.of(
                                pod.getStatus().getInitContainerStatuses(),
                                pod.getStatus().getContainerStatuses(),
                                pod.getStatus().getEphemeralContainerStatuses())
                        .flatMap(List::stream);
    }

    private static Optional<ContainerPhase.Ended> last(ContainerStatus status) {
        ContainerStateTerminated end =
                status.getLastState() == null ? null : status.getLastState().getTerminated();
        return Optional.ofNullable(end)
                .map(known ->
                        new ContainerPhase.Ended(
                                Objects.requireNonNullElse(known.getContainerID(), ""),
                                known.getExitCode(),
                                Objects.requireNonNullElse(known.getReason(), ""),
                                known.getMessage(),
                                time(known.getStartedAt()),
                                time(known.getFinishedAt())));
    }

    private static Instant time(@Nullable String text) {
        return text == null ? Instant.EPOCH : Instant.parse(text);
    }
}
