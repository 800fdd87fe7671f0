package dev.coracle.nodeagent.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to start an image: the OCI image config's fields that a process needs.
 *
 * @param id stable name of the content, for {@code status.imageID}
 * @param entrypoint replaced by a container's {@code command}
 * @param cmd replaced by a container's {@code args}, dropped with a {@code command}
 * @param env defaults that a container's own variables override
 * @param workingDirectory absolute
 * @param user numeric {@code uid} or {@code uid:gid}; empty means root
 * @param namesItsPod whether it is told its pod and node in CORACLE_ variables
 * @param content what it brings along
 */
public record Image(
        String id,
        List<String> entrypoint,
        List<String> cmd,
        Map<String, String> env,
        String workingDirectory,
        String user,
        boolean namesItsPod,
        Content content) {

    /** An image whose programs are the node's. */
    public Image(
            String id,
            List<String> entrypoint,
            List<String> cmd,
            Map<String, String> env,
            String workingDirectory,
            String user,
            boolean namesItsPod) {
        this(id, entrypoint, cmd, env, workingDirectory, user, namesItsPod, Content.OF_NODE);
    }

    /**
     * What an image brings along.
     *
     * @param root its files; null for those of the node
     * @param stopSignal without {@code SIG}
     * @param userName what it calls its user, if not by a number; else empty
     * @param groups of its user, besides its own
     */
    public record Content(
            @Nullable Path root, String stopSignal, String userName, List<Long> groups) {

        static final Content OF_NODE = new Content(null, "TERM", "", List.of());

        public Content {
            groups = List.copyOf(groups);
        }
    }

    public Image {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = Map.copyOf(env);
        if (!workingDirectory.startsWith("/")) {
            throw new IllegalArgumentException(
                    "working directory must be absolute, not '" + workingDirectory + "'");
        }
        if (!user.matches("(\\d+(:\\d+)?)?")) {
            throw new IllegalArgumentException("user must be uid or uid:gid, not '" + user + "'");
        }
    }

    /** The command line for a container, empty if neither it nor the image names a program. */
    public List<String> commandLine(List<String> command, List<String> args) {
        List<String> line = new ArrayList<>();
        if (command.isEmpty()) {
            line.addAll(entrypoint);
            line.addAll(args.isEmpty() ? cmd : args);
        } else {
            line.addAll(command);
            line.addAll(args);
        }
        return List.copyOf(line);
    }
}
