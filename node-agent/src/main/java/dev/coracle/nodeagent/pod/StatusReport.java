package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a pod's status when it differs from the last one written, and again when somebody else has
 * changed what it says of readiness: the node's conditions are the node's. Confined to its worker.
 */
final class StatusReport {

    private static final Logger log = LoggerFactory.getLogger(StatusReport.class);

    private final PodHost.Tools tools;
    private List<PodCondition> conditions;
    private @Nullable PodStatus written;
    private String seen = "";

    StatusReport(PodHost.Tools tools, Pod pod) {
        this.tools = tools;
        this.conditions = pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
    }

    /** Asked once for each state of the object: an old one may come after a write. */
    private boolean isOverwritten(Pod pod, PodStatus status) {
        String revision = Objects.requireNonNullElse(pod.getMetadata().getResourceVersion(), "");
        if (revision.equals(seen) || pod.getStatus() == null) {
            return false;
        }
        seen = revision;
        Map<String, String> stored = statuses(pod.getStatus());
        return statuses(status).entrySet().stream()
                .anyMatch(ours -> {
                    String theirs = stored.get(ours.getKey());
                    return theirs != null && !theirs.equals(ours.getValue());
                });
    }

    private static Map<String, String> statuses(PodStatus status) {
        Map<String, String> statuses = new HashMap<>();
        status.getConditions()
                .forEach(condition -> statuses.put(condition.getType(), condition.getStatus()));
        return statuses;
    }

    /** Returns false if it has to be tried again. */
    boolean write(Pod pod, PodState state, PodFacts facts, Collection<ContainerLife> lives) {
        PodStatus status =
                PodStatusView.of(pod, state, facts, lives, conditions, tools.clock().instant());
        if (status.equals(written) && !isOverwritten(pod, status)) {
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
