package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pods of this node, as they are now. Thread-safe, does not block. */
public interface NodePods {

    /** All of them. */
    List<NodePod> list();

    /** One of them. */
    default Optional<NodePod> find(String namespace, String name) {
        return list().stream()
                .filter(each -> each.pod().getMetadata().getName().equals(name))
                .filter(each -> each.pod().getMetadata().getNamespace().equals(namespace))
                .findFirst();
    }

    /**
     * One pod.
     *
     * @param pod with the status that the node gives it
     * @param logs the folder with its containers' logs, {@code <container>/<attempt>.log}
     * @param network its network namespace
     * @param running the containers that run
     */
    record NodePod(Pod pod, Path logs, Path network, Map<String, RunningContainer> running) {

        public NodePod {
            running = Map.copyOf(running);
        }
    }
}
