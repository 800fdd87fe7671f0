package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStorageTest {

    @TempDir Path folder;

    @Test
    void findsAnEmptyDirThatIsTooLarge() throws Exception {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .addNewVolume()
                                .withName("data")
                                .withNewEmptyDir()
                                .withSizeLimit(new Quantity("1Ki"))
                                .endEmptyDir()
                                .endVolume()
                                .endSpec());
        write("volumes/data/below/file", 1024);
        assertThat(excess(pod)).isEmpty();
        write("volumes/data/more", 1);
        assertThat(excess(pod))
                .contains("Usage of EmptyDir volume \"data\" exceeds the limit \"1Ki\". ");
    }

    @Test
    void countsLogsForTheContainer() throws Exception {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(one("a", "1Ki").build(), one("b", null).build())
                                .endSpec());
        write("logs/a/0.log", 1025);
        assertThat(excess(pod))
                .contains("Container a exceeded its local ephemeral storage limit \"1Ki\". ");
    }

    @Test
    void countsAllForThePodIfAllContainersAreLimited() throws Exception {
        Pod pod =
                OnePod.pod(p ->
                        p.editSpec()
                                .withContainers(one("a", "1Ki").build(), one("b", "1Ki").build())
                                .addNewVolume()
                                .withName("data")
                                .withNewEmptyDir()
                                .endEmptyDir()
                                .endVolume()
                                .endSpec());
        write("volumes/data/file", 2048);
        assertThat(excess(pod)).isEmpty();
        write("logs/b/0.log", 1);
        assertThat(excess(pod).orElseThrow())
                .startsWith(
                        "Pod ephemeral local storage usage exceeds the total limit of"
                                + " containers 2048");
    }

    private Optional<String> excess(Pod pod) {
        return new LocalStorage(pod, folder.resolve("volumes"), folder.resolve("logs"), Map.of())
                .excess();
    }

    private void write(String file, int bytes) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(java.util.Objects.requireNonNull(path.getParent()));
        Files.write(path, new byte[bytes]);
    }

    private static ContainerBuilder one(
            String name, @org.jspecify.annotations.Nullable String limit) {
        ContainerBuilder container = OnePod.container(name);
        return limit == null
                ? container
                : container
                        .withNewResources()
                        .addToLimits("ephemeral-storage", new Quantity(limit))
                        .endResources();
    }
}
