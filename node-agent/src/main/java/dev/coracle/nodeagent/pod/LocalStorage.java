package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod has written more than it may: the limits of its emptyDirs and of {@code
 * ephemeral-storage}, which no file system enforces. Only what has a limit is counted.
 */
final class LocalStorage {

    private static final String RESOURCE = "ephemeral-storage";

    private final Pod pod;
    private final Path volumes;
    private final Path logs;
    private final Map<String, RunningContainer> running;

    /**
     * What a pod has written.
     *
     * @param volumes its emptyDirs, by name
     * @param logs folders of its containers' logs
     */
    LocalStorage(Pod pod, Path volumes, Path logs, Map<String, RunningContainer> running) {
        this.pod = pod;
        this.volumes = volumes;
        this.logs = logs;
        this.running = running;
    }

    /** Why the pod is to be evicted, as upstream says it; empty if it keeps its limits. */
    Optional<String> excess() {
        for (Volume volume : pod.getSpec().getVolumes()) {
            Quantity limit =
                    volume.getEmptyDir() == null ? null : volume.getEmptyDir().getSizeLimit();
            if (limit != null && bytes(volumes.resolve(volume.getName())) > amount(limit)) {
                return Optional.of(
                        "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". "
                                .formatted(volume.getName(), limit));
            }
        }
        BigDecimal all = BigDecimal.ZERO;
        boolean limited = !pod.getSpec().getContainers().isEmpty();
        Optional<String> one = Optional.empty();
        for (Container container : pod.getSpec().getContainers()) {
            Quantity limit = limit(container);
            if (limit == null) {
                limited = false;
                continue;
            }
            all = all.add(Quantity.getAmountInBytes(limit));
            if (one.isEmpty() && written(container) > amount(limit)) {
                one =
                        Optional.of(
                                "Container %s exceeded its local ephemeral storage limit \"%s\". "
                                        .formatted(container.getName(), limit));
            }
        }
        if (limited && total() > all.longValue()) {
            return Optional.of(
                    "Pod ephemeral local storage usage exceeds the total limit of containers %s. "
                            .formatted(Quantity.fromNumericalAmount(all, null)));
        }
        return one;
    }

    private long total() {
        long sum = 0;
        for (Container container : pod.getSpec().getContainers()) {
            sum += written(container);
        }
        for (Volume volume : pod.getSpec().getVolumes()) {
            boolean disk =
                    volume.getEmptyDir() != null
                            && !"Memory".equals(volume.getEmptyDir().getMedium());
            sum += disk ? bytes(volumes.resolve(volume.getName())) : 0;
        }
        return sum;
    }

    private long written(Container container) {
        RunningContainer run = running.get(container.getName());
        return (run == null ? 0 : run.writtenBytes()) + bytes(logs.resolve(container.getName()));
    }

    private static @Nullable Quantity limit(Container container) {
        return container.getResources() == null || container.getResources().getLimits() == null
                ? null
                : container.getResources().getLimits().get(RESOURCE);
    }

    private static long amount(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity).longValue();
    }

    /** Of all files below a folder; what vanishes meanwhile counts nothing. */
    private static long bytes(Path folder) {
        long[] sum = {0};
        try {
            Path _ =
                    Files.walkFileTree(
                            folder,
                            new SimpleFileVisitor<>() {
                                @Override
                                public FileVisitResult visitFile(
                                        Path file, BasicFileAttributes attributes) {
                                    sum[0] += attributes.size();
                                    return FileVisitResult.CONTINUE;
                                }

                                @Override
                                public FileVisitResult visitFileFailed(
                                        Path file, IOException gone) {
                                    return FileVisitResult.CONTINUE;
                                }
                            });
        } catch (IOException _) {
            // the folder is gone
        }
        return sum[0];
    }
}
