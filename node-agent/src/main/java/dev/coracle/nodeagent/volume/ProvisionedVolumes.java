package dev.coracle.nodeagent.volume;

import dev.coracle.fabric.island.Mounts;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The volumes of driver {@code local.coracle.dev}: one folder each, shared by all nodes of this
 * machine. Thread-safe.
 */
public final class ProvisionedVolumes {

    private static final String DRIVER = "local.coracle.dev";

    private final Path folder;

    public ProvisionedVolumes(Path folder) {
        this.folder = folder;
    }

    static boolean isOurs(PersistentVolume volume) {
        return volume.getSpec().getCsi() != null
                && DRIVER.equals(volume.getSpec().getCsi().getDriver());
    }

    /** The volume's folder, made if it is missing, for everybody to write to. */
    Path make(PersistentVolume volume) throws IOException {
        Path path = path(volume);
        if (!Files.exists(path)) {
            Files.createDirectories(path);
            PosixModes.set(path, 0777);
        }
        return path;
    }

    /** Removes what the volume holds. Does nothing if it is gone. */
    void delete(PersistentVolume volume) throws IOException {
        Mounts.removeBelow(path(volume));
    }

    private Path path(PersistentVolume volume) throws IOException {
        String handle = volume.getSpec().getCsi().getVolumeHandle();
        if (!handle.matches("[a-z0-9][-a-z0-9.]{0,252}") || handle.contains("..")) {
            throw new IOException("volumeHandle '" + handle + "' is no name of a folder");
        }
        return folder.resolve(handle);
    }
}
