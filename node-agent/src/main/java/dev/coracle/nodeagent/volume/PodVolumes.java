package dev.coracle.nodeagent.volume;

import dev.coracle.fabric.island.Tool;
import dev.coracle.nodeagent.podfield.PodFields;
import dev.coracle.nodeagent.runtime.ContainerSpec;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The volumes of one pod, below one folder. Confined to the pod's worker. */
public final class PodVolumes {

    private final Path folder;
    private final ProvisionedVolumes provisioned;
    private final ObjectLookup objects;
    private final InstantSource clock;
    private final Map<String, Path> sources = new LinkedHashMap<>();
    private final Map<String, VolumeContent> contents = new HashMap<>();
    private final Map<String, Map<String, FileContent>> written = new HashMap<>();

    /**
     * The volumes of a pod.
     *
     * @param folder of the pod
     * @param provisioned the volumes made for claims
     */
    public PodVolumes(
            Path folder,
            ProvisionedVolumes provisioned,
            ObjectLookup objects,
            InstantSource clock) {
        this.provisioned = provisioned;
        this.folder = folder;
        this.objects = objects;
        this.clock = clock;
    }

    /** What of a pod's volumes is not carried out, as a phrase that names it. */
    public static Optional<String> unsupported(Pod pod) {
        return UnsupportedVolumes.first(pod);
    }

    /**
     * Makes every volume's folder with its content.
     *
     * @throws MissingObjectException if an object or key that is not optional is missing
     * @throws IOException if a volume cannot be made; the message names it, as upstream's does
     */
    public void make(PodFields fields) throws IOException, MissingObjectException {
        for (Volume volume : fields.pod().getSpec().getVolumes()) {
            String head = "MountVolume.SetUp failed for volume \"" + volume.getName() + "\" : ";
            try {
                sources.put(volume.getName(), source(volume, fields));
            } catch (MissingObjectException e) {
                throw new MissingObjectException(head + e.getMessage());
            } catch (IOException | RuntimeException e) {
                throw new MissingObjectException(head + e.getMessage());
            }
        }
    }

    /** Brings the files that are made of objects up to date. */
    public void refresh(PodFields fields) throws IOException, MissingObjectException {
        for (Volume volume : fields.pod().getSpec().getVolumes()) {
            if (VolumeContent.isMadeOfObjects(volume)) {
                Path _ = files(volume, fields);
            }
        }
    }

    /** When to {@link #refresh} even if no object changes; empty if never. */
    public Optional<Instant> staleAt() {
        return contents.values().stream()
                .flatMap(content -> content.staleAt().stream())
                .min(Instant::compareTo);
    }

    /** Where a container sees which volume. */
    public List<ContainerSpec.Mount> mounts(
            io.fabric8.kubernetes.api.model.Container container, Pod pod, Map<String, String> env)
            throws IOException {
        return new VolumeMounts(pod, sources).of(container, env);
    }

    private Path source(Volume volume, PodFields fields)
            throws IOException, MissingObjectException {
        if (VolumeContent.isMadeOfObjects(volume)) {
            return files(volume, fields);
        }
        if (volume.getHostPath() != null) {
            return HostPaths.check(
                    volume.getHostPath().getPath(),
                    Objects.requireNonNullElse(volume.getHostPath().getType(), ""));
        }
        if (volume.getPersistentVolumeClaim() != null) {
            return claimed(volume.getPersistentVolumeClaim().getClaimName(), fields.pod());
        }
        if (volume.getEphemeral() != null) {
            String name = fields.pod().getMetadata().getName() + "-" + volume.getName();
            return claimed(name, fields.pod());
        }
        return emptyDir(volume, fields.pod());
    }

    private Path emptyDir(Volume volume, Pod pod) throws IOException {
        Path target = folder.resolve(volume.getName());
        boolean exists = Files.exists(target);
        Files.createDirectories(target);
        EmptyDirVolumeSource source = volume.getEmptyDir();
        if (!exists && source != null && "Memory".equals(source.getMedium())) {
            Quantity limit = source.getSizeLimit();
            String size =
                    limit == null ? "" : ",size=" + Quantity.getAmountInBytes(limit).toBigInteger();
            String _ =
                    Tool.run(
                            "mount",
                            "-t",
                            "tmpfs",
                            "-o",
                            "mode=0777" + size,
                            "coracle-volume",
                            target.toString());
        }
        PosixModes.set(target, 0777);
        own(target, pod, false);
        return target;
    }

    private Path files(Volume volume, PodFields fields) throws IOException, MissingObjectException {
        VolumeContent content =
                contents.computeIfAbsent(volume.getName(), _ -> new VolumeContent(objects));
        Map<String, FileContent> files = content.of(volume, fields, clock.instant());
        Path target = folder.resolve(volume.getName());
        if (!files.equals(written.get(volume.getName()))) {
            new AtomicFolder(target)
                    .write(files, clock.instant(), fresh -> own(fresh, fields.pod(), true));
            written.put(volume.getName(), files);
        }
        return target;
    }

    private Path claimed(String name, Pod pod) throws IOException, MissingObjectException {
        String namespace = pod.getMetadata().getNamespace();
        PersistentVolumeClaim claim =
                objects.claim(namespace, name)
                        .orElseThrow(() ->
                                new MissingObjectException(
                                        "persistentvolumeclaim \"" + name + "\" not found"));
        String bound = claim.getSpec().getVolumeName();
        if (bound == null
                || bound.isEmpty()
                || claim.getStatus() == null
                || !"Bound".equals(claim.getStatus().getPhase())) {
            throw new MissingObjectException("PVC " + namespace + "/" + name + " is not bound");
        }
        PersistentVolume volume =
                objects.persistentVolume(bound)
                        .orElseThrow(() ->
                                new MissingObjectException(
                                        "persistentvolume \"" + bound + "\" not found"));
        Path path;
        if (volume.getSpec().getHostPath() != null) {
            path =
                    HostPaths.check(
                            volume.getSpec().getHostPath().getPath(),
                            Objects.requireNonNullElse(
                                    volume.getSpec().getHostPath().getType(), ""));
        } else if (volume.getSpec().getLocal() != null) {
            path = HostPaths.check(volume.getSpec().getLocal().getPath(), "Directory");
        } else if (ProvisionedVolumes.isOurs(volume)) {
            path = provisioned.make(volume);
        } else {
            throw new IOException(
                    "this node mounts persistent volumes of the types hostPath, local and csi with"
                            + " driver local.coracle.dev only");
        }
        own(path, pod, false);
        return path;
    }

    private static void own(Path path, Pod pod, boolean readOnly) throws IOException {
        PodSecurityContext security = pod.getSpec().getSecurityContext();
        if (security != null && security.getFsGroup() != null) {
            Ownership.give(
                    path,
                    security.getFsGroup(),
                    readOnly,
                    "OnRootMismatch".equals(security.getFsGroupChangePolicy()));
        }
    }
}
