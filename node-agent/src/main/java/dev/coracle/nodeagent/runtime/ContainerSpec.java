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
 * @param console how one talks to it
 * @param attempt which run of the container it is, from 0
 * @param imageId what it was made of
 */
public record ContainerSpec(
        String name,
        List<String> command,
        Map<String, String> env,
        String workingDirectory,
        String user,
        List<Mount> mounts,
        Path log,
        Console console,
        int attempt,
        String imageId) {

    public ContainerSpec {
        command = List.copyOf(command);
        env = Map.copyOf(env);
        mounts = List.copyOf(mounts);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("container '" + name + "' has no command");
        }
    }

    /**
     * What the container reads from and prints to.
     *
     * @param stdin whether it can be written to; otherwise its input is empty
     * @param once whether its input ends with the first client that attached
     * @param tty whether it has a terminal
     */
    public record Console(boolean stdin, boolean once, boolean tty) {

        public static final Console NONE = new Console(false, false, false);
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
