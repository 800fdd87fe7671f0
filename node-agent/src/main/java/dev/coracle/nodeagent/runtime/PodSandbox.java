package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shared namespaces of one pod. */
public interface PodSandbox extends AutoCloseable {

    /**
     * Starts a container. A program that cannot be found is not an error here: the container then
     * ends at once with 127, as a shell has it.
     */
    RunningContainer start(ContainerSpec spec) throws IOException;

    /**
     * The newest run of each container that an earlier agent started here, also those that have
     * ended. To be called once, before anything is started.
     */
    List<Adopted> adopt() throws IOException;

    /**
     * A run and what its starter knew of it.
     *
     * @param endedAt when it ended, if it has
     */
    record Adopted(
            String container,
            int attempt,
            String imageId,
            Instant startedAt,
            RunningContainer run,
            @Nullable Instant endedAt) {}

    /** Kills what still runs and removes the namespaces and the sandbox's files. Idempotent. */
    @Override
    void close();
}
