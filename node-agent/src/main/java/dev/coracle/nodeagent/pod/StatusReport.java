package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a pod's status when it differs from the last one written. Confined to its worker. */
final class StatusReport {

    private static final Logger log = LoggerFactory.getLogger(StatusReport.class);

    private final PodHost.Tools tools;
    private List<PodCondition> conditions;
    private @Nullable PodStatus written;

    StatusReport(PodHost.Tools tools, Pod pod) {
        this.tools = tools;
        this.conditions = pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
    }

    /** Returns false if it has to be tried again. */
    boolean write(Pod pod, PodState state, PodFacts facts, Collection<ContainerLife> lives) {
        PodStatus status =
                PodStatusView.of(pod, state, facts, lives, conditions, tools.clock().instant());
        if (status.equals(written)) {
            return true;
        }
        try {
            tools.api().writeStatus(pod, status);
            written = status;
            conditions = List.copyOf(status.getConditions());
            return true;
        } catch (IOException e) {
            log.warn(
                    "status of pod '{}' is not written yet: {}",
                    pod.getMetadata().getName(),
                    e.getMessage());
            return false;
        }
    }
}
