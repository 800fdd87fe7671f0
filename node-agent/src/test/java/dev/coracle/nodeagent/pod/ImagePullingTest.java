package dev.coracle.nodeagent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.image.ImageAddition;
import dev.coracle.nodeagent.image.ImageArchive;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageReference;
import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.image.TestImage;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.registry.RegistryLogin;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Virtual time, a source that answers when the test wants. */
class ImagePullingTest {

    private static final String NAME = "example.com/app:1";

    @TempDir Path folder;
    private final Source source = new Source();

    @Test
    void pullsWhatIsMissingWithTheSecretsOfThePod() throws Exception {
        try (OnePod pod = new OnePod(folder, pod(NAME, "IfNotPresent", "login", "none"), source)) {
            pod.api.add(
                    new SecretBuilder()
                            .withNewMetadata()
                            .withName("login")
                            .endMetadata()
                            .addToData(
                                    ".dockerconfigjson",
                                    Base64.getEncoder()
                                            .encodeToString(
                                                    "{\"auths\":{\"example.com\":{\"username\":\"u\",\"password\":\"p\"}}}"
                                                            .getBytes(StandardCharsets.UTF_8)))
                            .build());
            pod.start();
            source.await(1).complete(load());
            PodStatus status = pod.api.await(s -> "Running".equals(s.getPhase()));
            assertThat(status.getContainerStatuses().getFirst().getImageID()).startsWith("sha256:");
            assertThat(source.logins).containsExactly(List.of(new RegistryLogin("u", "p")));
            assertThat(pod.run("app").spec().command()).containsExactly("/app");
            assertThat(pod.run("app").spec().image().root())
                    .isEqualTo(images().root(images().list().getFirst()));
            assertThat(pod.api.events())
                    .contains(
                            "Normal Pulling: Pulling image \"" + NAME + "\"",
                            "Normal Pulled: Successfully pulled image \""
                                    + NAME
                                    + "\" in 0ms (0ms including waiting). Image size: 3 bytes.",
                            "Warning FailedToRetrieveImagePullSecret: Unable to retrieve some"
                                    + " image pull secrets (none); attempting to pull the image may"
                                    + " not succeed.");
        }
    }

    @Test
    void waitsLongerAfterEachFailure() {
        try (OnePod pod = new OnePod(folder, pod(NAME, "IfNotPresent"), source)) {
            pod.start();
            int seconds = 10;
            for (int attempt = 1; attempt < 4; attempt++) {
                source.await(attempt).completeExceptionally(new IOException("out of order"));
                assertThat(message(pod, "ErrImagePull")).isEqualTo("out of order");
                pod.time.advance(Duration.ofSeconds(1));
                assertThat(message(pod, "ImagePullBackOff"))
                        .isEqualTo(
                                "Back-off pulling image \""
                                        + NAME
                                        + "\": ErrImagePull: out of order");
                assertThat(source.pulls).hasSize(attempt);
                pod.time.advance(Duration.ofSeconds(seconds - 1));
                seconds *= 2;
            }
            assertThat(pod.api.events())
                    .contains(
                            "Warning Failed: Failed to pull image \"" + NAME + "\": out of order",
                            "Warning Failed: Error: ErrImagePull",
                            "Normal BackOff: Back-off pulling image \"" + NAME + "\"",
                            "Warning Failed: Error: ImagePullBackOff");
        }
    }

    @Test
    void takesWhatIsThereUnlessItIsAlwaysPulled() throws Exception {
        StoredImage image = load();
        try (OnePod pod = new OnePod(folder.resolve("one"), pod(NAME, "IfNotPresent"), source)) {
            assertThat(image.names()).containsExactly(NAME);
            Path _ = java.nio.file.Files.createDirectories(folder.resolve("one"));
            Path _ =
                    java.nio.file.Files.createSymbolicLink(
                            folder.resolve("one/images"), folder.resolve("images"));
            pod.start();
            pod.api.await(s -> "Running".equals(s.getPhase()));
            assertThat(source.pulls).isEmpty();
        }
        try (OnePod pod = new OnePod(folder, pod(NAME, "Always"), source)) {
            pod.start();
            source.await(1).complete(image);
            pod.api.await(s -> "Running".equals(s.getPhase()));
        }
        String here = "here:1";
        try (OnePod pod = new OnePod(folder, pod(here, "Always"), source)) {
            var _ = new ImageArchive(images(), addition()).load(archive(), here);
            pod.start();
            pod.api.await(s -> "Running".equals(s.getPhase()));
            assertThat(source.pulls).hasSize(1);
        }
    }

    @Test
    void endsWhileItPulls() {
        try (OnePod pod = new OnePod(folder, pod(NAME, "IfNotPresent"), source)) {
            pod.start();
            CompletableFuture<StoredImage> pull = source.await(1);
            pod.delete(30);
            Awaitility.await().until(pod.api::isRemoved);
            assertThat(pull).isNotDone();
        }
    }

    @Test
    void saysThatANameIsNone() {
        try (OnePod pod = new OnePod(folder, pod("Not:a:name", "IfNotPresent"), source)) {
            pod.start();
            assertThat(message(pod, "InvalidImageName"))
                    .startsWith(
                            "Failed to apply default image tag \"Not:a:name\": couldn't parse image"
                                    + " name \"Not:a:name\": invalid reference format");
        }
    }

    private static String message(OnePod pod, String reason) {
        return pod.api
                .await(s ->
                        !s.getContainerStatuses().isEmpty()
                                && s.getContainerStatuses().getFirst().getState().getWaiting()
                                        != null
                                && reason.equals(
                                        s.getContainerStatuses()
                                                .getFirst()
                                                .getState()
                                                .getWaiting()
                                                .getReason()))
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getWaiting()
                .getMessage();
    }

    private StoredImage load() throws IOException {
        return new ImageArchive(images(), addition()).load(archive(), "").getFirst();
    }

    private Path archive() throws IOException {
        return new TestImage(false)
                .config("Entrypoint", List.of("/app"))
                .layer(new TestImage.Layer().file("app", "one"))
                .writeSaved(folder.resolve("archive.tar"), NAME);
    }

    private ImageFolder images() {
        return new ImageFolder(folder.resolve("images"));
    }

    private ImageAddition addition() {
        return new ImageAddition(images(), InstantSource.system());
    }

    private static Pod pod(String image, String policy, String... secrets) {
        return OnePod.pod(b -> {
            var spec =
                    b.editSpec()
                            .withContainers(
                                    OnePod.container("app")
                                            .withImage(image)
                                            .withImagePullPolicy(policy)
                                            .withCommand(List.of())
                                            .build());
            for (String secret : secrets) {
                spec.addNewImagePullSecret(secret);
            }
            return spec.endSpec();
        });
    }

    private static final class Source implements ImageSource {
        final List<CompletableFuture<StoredImage>> pulls = new CopyOnWriteArrayList<>();
        final List<List<RegistryLogin>> logins = new ArrayList<>();

        @Override
        public String registry() {
            return "";
        }

        @Override
        public CompletableFuture<StoredImage> pull(ImageReference image, List<RegistryLogin> as) {
            CompletableFuture<StoredImage> pull = new CompletableFuture<>();
            logins.add(as);
            pulls.add(pull);
            return pull;
        }

        CompletableFuture<StoredImage> await(int number) {
            Awaitility.await().until(() -> pulls.size() >= number);
            return pulls.get(number - 1);
        }
    }
}
