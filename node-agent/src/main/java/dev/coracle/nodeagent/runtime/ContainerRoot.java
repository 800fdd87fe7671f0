package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file system that a container begins with, and the programs in it that turn root into the
 * container's user.
 *
 * @param lower the folder that the container sees a copy of
 * @param tools the folder of the node that has what {@code lower} may lack; empty if it lacks
 *     nothing
 * @param loader what stands before the path of a tool
 * @param toolFolder where the tools are in the container, ending with a slash; empty if they are
 *     named by their own paths
 */
record ContainerRoot(Path lower, String tools, List<String> loader, String toolFolder) {

    /** Where an image's container finds the node's tools. */
    static final String TOOLS = "/.coracle";

    private static final List<String> MOUNT_POINTS = List.of("proc", "sys", "dev", "etc");

    ContainerRoot {
        loader = List.copyOf(loader);
    }

    /** The node's own file system. */
    static ContainerRoot ofNode() {
        return new ContainerRoot(Path.of("/"), "", List.of(), "");
    }

    /**
     * An image's folder.
     *
     * @throws IOException if it is none that can be mounted in
     */
    static ContainerRoot ofImage(Path folder, CarriedTools tools) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("the image's root '" + folder + "' is not there");
        }
        for (String point : MOUNT_POINTS) {
            Path path = folder.resolve(point);
            if (Files.isSymbolicLink(path) || (Files.exists(path) && !Files.isDirectory(path))) {
                throw new IOException("the image's /" + point + " is not a folder");
            }
        }
        CarriedTools.Carried carried = tools.carry();
        List<String> loader = new ArrayList<>();
        if (!carried.interpreter().isEmpty()) {
            loader.addAll(List.of(TOOLS + "/" + carried.interpreter(), "--library-path", TOOLS));
        }
        return new ContainerRoot(folder, carried.folder().toString(), loader, TOOLS + "/");
    }

    boolean isNodes() {
        return tools.isEmpty();
    }

    /** The words that run a tool of the node in the container. */
    List<String> tool(String path) {
        if (toolFolder.isEmpty()) {
            return List.of(path);
        }
        String name = path.substring(path.lastIndexOf('/') + 1);
        return Stream.concat(loader.stream(), Stream.of(toolFolder + name)).toList();
    }

    /** Folders that mounts need, relative to the root. */
    List<String> mountPoints() {
        return isNodes()
                ? List.of()
                : Stream.concat(MOUNT_POINTS.stream(), Stream.of(TOOLS.substring(1))).toList();
    }
}
