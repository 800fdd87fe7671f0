package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
 * @param confinement what it may do
 * @param console how one talks to it
 * @param attempt which run of the container it is, from 0
 * @param imageId what it was made of
 * @param target the container whose processes it sees; empty if only its own
 * @param image what it was made of gives it
 */
public record ContainerSpec(
        String name,
        List<String> command,
        Map<String, String> env,
        String workingDirectory,
        String user,
        List<Mount> mounts,
        Path log,
        Confinement confinement,
        Console console,
        int attempt,
        String imageId,
        String target,
        FromImage image) {

    /** One that sees only its own processes. */
    public ContainerSpec(
            String name,
            List<String> command,
            Map<String, String> env,
            String workingDirectory,
            String user,
            List<Mount> mounts,
            Path log,
            Confinement confinement,
            Console console,
            int attempt,
            String imageId) {
        this(
                name,
                command,
                env,
                workingDirectory,
                user,
                mounts,
                log,
                confinement,
                console,
                attempt,
                imageId,
                "",
                FromImage.NODE);
    }

    public ContainerSpec {
        command = List.copyOf(command);
        env = Map.copyOf(env);
        mounts = List.copyOf(mounts);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("container '" + name + "' has no command");
        }
    }

    /** The same, elsewhere in its file system. */
    ContainerSpec at(String folder, List<Mount> where) {
        return new ContainerSpec(
                name,
                command,
                env,
                folder,
                user,
                where,
                log,
                confinement,
                console,
                attempt,
                imageId,
                target,
                image);
    }

    /**
     * What an image says of its containers besides what can be overridden.
     *
     * @param root its file system on the node; null for the node's own
     * @param stopSignal name or number of the signal that asks it to end, without {@code SIG}
     */
    public record FromImage(@Nullable Path root, String stopSignal) {

        /** The node's programs. */
        public static final FromImage NODE = new FromImage(null, "TERM");
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
    public record Mount(Path source, String target, boolean readOnly, Propagation propagation) {

        /** A mount that shares nothing with the node. */
        public Mount(Path source, String target, boolean readOnly) {
            this(source, target, readOnly, Propagation.PRIVATE);
        }

        public Mount {
            if (!target.startsWith("/")) {
                throw new IllegalArgumentException(
                        "mount path must be absolute, not '" + target + "'");
            }
        }
    }

    /** Whether mounts below it are seen on the other side. */
    public enum Propagation {
        /** None. */
        PRIVATE,
        /** What the node mounts there, the container sees. */
        FROM_NODE,
        /** And the other way round. */
        BOTH_WAYS
    }
}
