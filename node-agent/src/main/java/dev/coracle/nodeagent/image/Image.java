package dev.coracle.nodeagent.image;

import java.util.List;
import java.util.Map;

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
 */
public record Image(
        String id,
        List<String> entrypoint,
        List<String> cmd,
        Map<String, String> env,
        String workingDirectory,
        String user,
        boolean namesItsPod) {

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
        List<String> line = new java.util.ArrayList<>();
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
