package dev.coracle.nodeagent.runtime;

import java.io.IOException;

/** The shared namespaces of one pod. */
public interface PodSandbox extends AutoCloseable {

    /**
     * Starts a container. A program that cannot be found is not an error here: the container then
     * ends at once with 127, as a shell has it.
     */
    RunningContainer start(ContainerSpec spec) throws IOException;

    /** Kills what still runs and removes the namespaces and the sandbox's files. Idempotent. */
    @Override
    void close();
}
