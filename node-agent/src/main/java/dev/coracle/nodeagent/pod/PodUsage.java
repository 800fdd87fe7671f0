package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.cgroup.CgroupUsage;
import dev.coracle.nodeagent.cgroup.ContainerCgroup;
import dev.coracle.nodeagent.stats.PodAccount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a pod uses: noted by its worker, read by anybody. */
final class PodUsage {

    private volatile List<Source> sources = List.of();

    private record Source(String name, Instant startedAt, ContainerCgroup cgroup) {}

    /** Notes which containers run. */
    void note(Collection<ContainerLife> lives) {
        List<Source> running = new ArrayList<>();
        for (ContainerLife life : lives) {
            ContainerCgroup cgroup = life.cgroup;
            if (life.isRunning() && cgroup != null) {
                running.add(new Source(life.name(), life.startedAt, cgroup));
            }
        }
        sources = List.copyOf(running);
    }

    /** As the kernel accounts for them now. */
    PodAccount read(PodContext context) {
        List<PodAccount.Container> containers = new ArrayList<>();
        CgroupUsage sum = CgroupUsage.NONE;
        for (Source each : sources) {
            CgroupUsage usage = each.cgroup().usage();
            containers.add(new PodAccount.Container(each.name(), each.startedAt(), usage));
            sum = sum.plus(usage);
        }
        return new PodAccount(context.pod(), context.facts().startTime(), sum, containers);
    }
}
