package dev.coracle.nodeagent.volume;

import dev.coracle.nodeagent.runtime.ContainerSpec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The volumes of one pod, below one folder. */
public final class PodVolumes {

    private final Path folder;

    public PodVolumes(Path folder) {
        this.folder = folder;
    }

    /** What of a pod's volumes is not carried out, as a phrase that names it. */
    public static Optional<String> unsupported(Pod pod) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getEmptyDir() == null
                    && volume.getConfigMap() == null
                    && volume.getSecret() == null) {
                return Optional.of(
                        "the type of volume '" + volume.getName() + "' (" + type(volume) + ")");
            }
        }
        return Optional.empty();
    }

    /**
     * Makes every volume's folder with its content.
     *
     * @throws MissingObjectException if an object or key that is not optional is missing
     */
    public void make(Pod pod, ObjectLookup objects) throws IOException, MissingObjectException {
        String namespace = pod.getMetadata().getNamespace();
        for (Volume volume : pod.getSpec().getVolumes()) {
            Path target = Files.createDirectories(folder.resolve(volume.getName()));
            if (volume.getEmptyDir() != null) {
                Files.setPosixFilePermissions(target, EnumSet.allOf(PosixFilePermission.class));
            } else if (volume.getConfigMap() != null) {
                var source = volume.getConfigMap();
                Optional<ConfigMap> object = objects.configMap(namespace, source.getName());
                boolean optional = Boolean.TRUE.equals(source.getOptional());
                if (object.isEmpty() && !optional) {
                    throw new MissingObjectException(
                            "configmap \"" + source.getName() + "\" not found");
                }
                Map<String, byte[]> data = new HashMap<>();
                object.ifPresent(found -> data.putAll(bytes(found)));
                write(
                        target,
                        data,
                        source.getItems(),
                        source.getDefaultMode(),
                        optional,
                        "configmap " + source.getName());
            } else {
                var source = volume.getSecret();
                Optional<Secret> object = objects.secret(namespace, source.getSecretName());
                boolean optional = Boolean.TRUE.equals(source.getOptional());
                if (object.isEmpty() && !optional) {
                    throw new MissingObjectException(
                            "secret \"" + source.getSecretName() + "\" not found");
                }
                Map<String, byte[]> data = new HashMap<>();
                object.ifPresent(found -> data.putAll(bytes(found)));
                write(
                        target,
                        data,
                        source.getItems(),
                        source.getDefaultMode(),
                        optional,
                        "secret " + source.getSecretName());
            }
        }
    }

    /** Where a container sees which volume. */
    public List<ContainerSpec.Mount> mounts(Pod pod, Container container) {
        List<ContainerSpec.Mount> mounts = new ArrayList<>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            Path source = folder.resolve(mount.getName());
            if (mount.getSubPath() != null && !mount.getSubPath().isEmpty()) {
                Path below = source.resolve(mount.getSubPath()).normalize();
                if (!below.startsWith(source)) {
                    throw new IllegalArgumentException(
                            "subPath '" + mount.getSubPath() + "' leads out of its volume");
                }
                source = below;
            }
            boolean writable =
                    pod.getSpec().getVolumes().stream()
                            .anyMatch(v ->
                                    v.getName().equals(mount.getName()) && v.getEmptyDir() != null);
            mounts.add(
                    new ContainerSpec.Mount(
                            source,
                            mount.getMountPath(),
                            !writable || Boolean.TRUE.equals(mount.getReadOnly())));
        }
        return mounts;
    }

    private static void write(
            Path target,
            Map<String, byte[]> data,
            @Nullable List<KeyToPath> items,
            @Nullable Integer defaultMode,
            boolean optional,
            String what)
            throws IOException, MissingObjectException {
        int mode = Objects.requireNonNullElse(defaultMode, 0644);
        if (items == null || items.isEmpty()) {
            for (Map.Entry<String, byte[]> entry : data.entrySet()) {
                file(target, entry.getKey(), entry.getValue(), mode);
            }
            return;
        }
        for (KeyToPath item : items) {
            byte[] content = data.get(item.getKey());
            if (content != null) {
                file(
                        target,
                        item.getPath(),
                        content,
                        Objects.requireNonNullElse(item.getMode(), mode));
            } else if (!optional) {
                throw new MissingObjectException(
                        what + " references non-existent key: " + item.getKey());
            }
        }
    }

    private static void file(Path target, String name, byte[] content, int mode)
            throws IOException {
        Path file = target.resolve(name).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("path '" + name + "' leads out of its volume");
        }
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, content);
        Files.setPosixFilePermissions(file, permissions(mode));
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode >> (8 - i) & 1) == 1) {
                set.add(all[i]);
            }
        }
        return set;
    }

    private static Map<String, byte[]> bytes(ConfigMap map) {
        Map<String, byte[]> bytes = new HashMap<>();
        if (map.getData() != null) {
            map.getData().forEach((k, v) -> bytes.put(k, v.getBytes(StandardCharsets.UTF_8)));
        }
        if (map.getBinaryData() != null) {
            map.getBinaryData().forEach((k, v) -> bytes.put(k, Base64.getDecoder().decode(v)));
        }
        return bytes;
    }

    private static Map<String, byte[]> bytes(Secret secret) {
        Map<String, byte[]> bytes = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData().forEach((k, v) -> bytes.put(k, Base64.getDecoder().decode(v)));
        }
        return bytes;
    }

    private static String type(Volume volume) {
        if (volume.getHostPath() != null) {
            return "hostPath";
        }
        if (volume.getProjected() != null) {
            return "projected";
        }
        if (volume.getDownwardAPI() != null) {
            return "downwardAPI";
        }
        if (volume.getPersistentVolumeClaim() != null) {
            return "persistentVolumeClaim";
        }
        if (volume.getEphemeral() != null) {
            return "ephemeral";
        }
        if (volume.getCsi() != null) {
            return "csi";
        }
        if (volume.getNfs() != null) {
            return "nfs";
        }
        return "not emptyDir, configMap or secret";
    }
}
