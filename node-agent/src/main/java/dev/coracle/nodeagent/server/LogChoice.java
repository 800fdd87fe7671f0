package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.server.NodePods.NodePod;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which run's log is meant (kubelet's validateContainerLogStatus). Pure. */
final class LogChoice {

    private LogChoice() {}

    /** What was found, or why there is nothing. */
    sealed interface Choice {
        record Found(Path file) implements Choice {}

        record None(String why) implements Choice {}
    }

    static Choice of(NodePod pod, String container, boolean previous) {
        String name = pod.pod().getMetadata().getName();
        PodStatus status = pod.pod().getStatus();
        ContainerStatus found =
                status == null
                        ? null
                        : Stream.of(
                                        status.getContainerStatuses(),
                                        status.getInitContainerStatuses(),
                                        status.getEphemeralContainerStatuses())
                                .flatMap(each -> each.stream())
                                .filter(each -> each.getName().equals(container))
                                .findFirst()
                                .orElse(null);
        String who = "container \"" + container + "\" in pod \"" + name + "\"";
        if (found == null) {
            return new Choice.None(who + " is not available");
        }
        ContainerState state = found.getState();
        ContainerStateTerminated last =
                found.getLastState() == null ? null : found.getLastState().getTerminated();
        boolean begun = state.getRunning() != null || state.getTerminated() != null;
        int attempt = found.getRestartCount();
        if (previous) {
            if (last == null || last.getContainerID() == null) {
                return new Choice.None("previous terminated " + who + " not found");
            }
            return file(pod, container, begun ? attempt - 1 : attempt);
        }
        if (begun || last != null) {
            return file(pod, container, attempt);
        }
        return new Choice.None(who + " is waiting to start" + reason(state));
    }

    private static String reason(ContainerState state) {
        String reason = state.getWaiting() == null ? null : state.getWaiting().getReason();
        return switch (reason) {
            case null -> " - no logs yet";
            case "ErrImagePull" -> ": image can't be pulled";
            case "ImagePullBackOff" -> ": trying and failing to pull image";
            case String other -> ": " + other;
        };
    }

    private static Choice file(NodePod pod, String container, int attempt) {
        return new Choice.Found(pod.logs().resolve(container).resolve(attempt + ".log"));
    }

    /** Whether the run with this log has ended. */
    static boolean isOver(@Nullable NodePod pod, String container, Path file) {
        if (pod == null || !pod.running().containsKey(container)) {
            return true;
        }
        return !(of(pod, container, false) instanceof Choice.Found(Path now)) || !now.equals(file);
    }
}
