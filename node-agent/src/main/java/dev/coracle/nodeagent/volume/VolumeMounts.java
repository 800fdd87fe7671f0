package dev.coracle.nodeagent.volume;

import dev.coracle.nodeagent.runtime.ContainerSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container's mounts of its pod's volumes.
 *
 * @param sources where each volume is on the node
 */
record VolumeMounts(Pod pod, Map<String, Path> sources) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\(([^)]*)\\)");

    /** Shallow paths before deep ones, so that one may lie in another. */
    List<ContainerSpec.Mount> of(Container container, Map<String, String> env) throws IOException {
        List<ContainerSpec.Mount> mounts = new ArrayList<>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            Path source = sources.get(mount.getName());
            if (source == null) {
                throw new IOException(
                        "volumeMount '" + mount.getName() + "' names no volume of the pod");
            }
            boolean readOnly =
                    Boolean.TRUE.equals(mount.getReadOnly()) || isReadOnly(mount.getName());
            String below = subPath(mount, env);
            if (!below.isEmpty()) {
                source = below(source, below, container, mount);
            }
            String target =
                    mount.getMountPath().startsWith("/")
                            ? mount.getMountPath()
                            : "/" + mount.getMountPath();
            mounts.add(
                    new ContainerSpec.Mount(
                            source,
                            target,
                            readOnly,
                            "HostToContainer".equals(mount.getMountPropagation())
                                    ? ContainerSpec.Propagation.FROM_NODE
                                    : ContainerSpec.Propagation.PRIVATE));
        }
        mounts.sort((one, other) -> depth(one) - depth(other));
        return mounts;
    }

    private static int depth(ContainerSpec.Mount mount) {
        return Path.of(mount.target()).getNameCount();
    }

    private boolean isReadOnly(String name) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getName().equals(name)) {
                return VolumeContent.isMadeOfObjects(volume)
                        || (volume.getPersistentVolumeClaim() != null
                                && Boolean.TRUE.equals(
                                        volume.getPersistentVolumeClaim().getReadOnly()));
            }
        }
        return false;
    }

    private static String subPath(VolumeMount mount, Map<String, String> env) throws IOException {
        String expression = Objects.requireNonNullElse(mount.getSubPathExpr(), "");
        if (expression.isEmpty()) {
            return Objects.requireNonNullElse(mount.getSubPath(), "");
        }
        StringBuilder path = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(expression);
        while (matcher.find()) {
            String value = env.get(matcher.group(1));
            if (value == null) {
                throw new IOException("missing value for \"" + matcher.group(1) + "\"");
            }
            matcher.appendReplacement(path, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(path).toString();
    }

    /** A path below a volume, made as a folder if it is missing; links must not lead out of it. */
    private static Path below(Path source, String path, Container container, VolumeMount mount)
            throws IOException {
        Path below = source.resolve(path).normalize();
        boolean inside = !path.startsWith("/") && below.startsWith(source.normalize());
        if (inside && !Files.exists(below)) {
            Path parent = below;
            while (!Files.exists(parent)) {
                parent = Objects.requireNonNull(parent.getParent());
            }
            inside = parent.toRealPath().startsWith(source.toRealPath());
            if (inside) {
                Files.createDirectories(below);
                PosixModes.set(below, 0750 | (PosixModes.get(source) & 0027));
            }
        }
        if (!inside || !below.toRealPath().startsWith(source.toRealPath())) {
            throw new IOException(
                    "failed to prepare subPath for volumeMount \"%s\" of container \"%s\""
                            .formatted(mount.getName(), container.getName()));
        }
        return below.toRealPath();
    }
}
