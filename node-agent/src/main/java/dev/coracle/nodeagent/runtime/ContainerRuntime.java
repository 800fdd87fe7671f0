package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Makes pod sandboxes. Thread-safe. */
public interface ContainerRuntime {

    /** What of a container is done otherwise than it asks, as a sentence; empty if nothing. */
    default Optional<String> reservation(ContainerSpec spec) {
        return Optional.empty();
    }

    /** What {@code Node.status.nodeInfo.containerRuntimeVersion} says. */
    String version();

    /**
     * Makes the namespaces that a pod's containers share. Whatever was left under the same id is
     * removed first.
     */
    PodSandbox createSandbox(SandboxSpec spec) throws IOException;

    /** The sandbox that an earlier agent made and that is still there. */
    Optional<PodSandbox> findSandbox(SandboxSpec spec) throws IOException;

    /** Ends what an earlier agent left of a pod that is no more, and removes its sandbox. */
    void discard(Path namespaces, Path folder) throws IOException;
}
