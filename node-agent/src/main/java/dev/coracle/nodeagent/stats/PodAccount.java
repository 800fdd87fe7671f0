package dev.coracle.nodeagent.stats;

import dev.coracle.nodeagent.cgroup.CgroupUsage;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;

/**
 * What one pod uses.
 *
 * @param startedAt when the node took it
 */
public record PodAccount(
        Pod pod, Instant startedAt, CgroupUsage usage, List<Container> containers) {

    public PodAccount {
        containers = List.copyOf(containers);
    }

    /** One container that runs. */
    public record Container(String name, Instant startedAt, CgroupUsage usage) {}
}
