package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One run of a container.
 *
 * @param name unique in the pod
 * @param command program and arguments, at least the program
 * @param env the whole environment
 * @param workingDirectory made if it does not exist
 * @param user numeric {@code uid} or {@code uid:gid}, or empty for root
 * @param mounts in the order in which they are mounted
 * @param log where its output goes, in CRI format
 */
public record ContainerSpec(
        String name,
        List<String> command,
        Map<String, String> env,
        String workingDirectory,
        String user,
        List<Mount> mounts,
        Path log) {

    public ContainerSpec {
        command = List.copyOf(command);
        env = Map.copyOf(env);
        mounts = List.copyOf(mounts);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("container '" + name + "' has no command");
        }
    }

    /** A file or folder of the node, seen at an absolute path of the container. */
    public record Mount(Path source, String target, boolean readOnly) {
        public Mount {
            if (!target.startsWith("/")) {
                throw new IllegalArgumentException(
                        "mount path must be absolute, not '" + target + "'");
            }
        }
    }
}
