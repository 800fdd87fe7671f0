package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.server.NodePods.NodePod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker's pod as the kubelet API shows it. Pure. */
final class PodViews {

    private PodViews() {}

    static NodePod of(
            PodContext context,
            PodState state,
            Collection<ContainerLife> lives,
            @Nullable Dwelling dwelling) {
        Pod pod = context.pod();
        PodHost host = context.host();
        PodFacts facts = context.facts();
        List<PodCondition> known =
                pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
        PodStatus status =
                PodStatusView.of(pod, state, facts, lives, known, host.tools().clock().instant());
        Map<String, RunningContainer> running = new HashMap<>();
        for (ContainerLife life : lives) {
            RunningContainer run = life.run;
            if (run != null) {
                running.put(life.name(), run);
            }
        }
        return new NodePod(
                new PodBuilder(pod).withStatus(status).build(),
                logs(pod, host),
                dwelling == null ? host.tools().network().nodeNamespace() : dwelling.network(),
                running);
    }

    /** The folder of a pod's logs. */
    static Path logs(Pod pod, PodHost host) {
        return host.folder()
                .resolve("logs")
                .resolve(
                        pod.getMetadata().getNamespace()
                                + "_"
                                + pod.getMetadata().getName()
                                + "_"
                                + pod.getMetadata().getUid());
    }
}
