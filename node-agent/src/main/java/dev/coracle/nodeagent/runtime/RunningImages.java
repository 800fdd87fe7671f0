package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The images that containers of this machine run of, whichever agent started them. */
public final class RunningImages {

    private RunningImages() {}

    /**
     * The ids that {@link ContainerSpec#imageId} had.
     *
     * @param nodes folder with the state of nodes, by their names
     */
    public static Set<String> below(Path nodes) throws IOException {
        Set<String> images = new HashSet<>();
        for (Path node : children(nodes)) {
            for (Path pod : children(node.resolve("pods"))) {
                for (Path run : children(pod.resolve("sandbox").resolve("runs"))) {
                    RunRecord.read(new RunFolder(run).record())
                            .filter(known -> known.process().isPresent())
                            .ifPresent(known -> images.add(known.imageId()));
                }
            }
        }
        return images;
    }

    /** None if the folder is not there, or not any more. */
    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }
}
