package dev.coracle.nodeagent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coracle.nodeagent.image.ImageAddition;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageReference;
import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.image.TestImage;
import dev.coracle.nodeagent.image.TestImage.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry of the test, over TLS. */
class ImagePullIT {

    @TempDir Path folder;
    private final TestImage image = new TestImage(true);
    private ImageFolder images = new ImageFolder(Path.of("."));

    @BeforeEach
    void fill() throws Exception {
        images = new ImageFolder(folder.resolve("images"));
        image.layer(new Layer().file("app", "one")).layer(new Layer().file("more", "two"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pullsWithALogin(boolean tokens) throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, tokens)) {
            registry.put("team/app", "1", image);
            ImagePull pull = pull(registry, "");
            ImageReference name = ImageReference.parse(registry.host() + "/team/app:1");

            StoredImage pulled = get(pull.pull(name, List.of(TestRegistry.LOGIN)));

            assertThat(pulled.reference())
                    .isEqualTo(registry.host() + "/team/app@" + image.digest());
            assertThat(images.find(name)).contains(pulled);
            assertThat(images.root(pulled).resolve("more")).hasContent("two");
            int before = registry.requests().size();
            assertThat(get(pull.pull(name, List.of(TestRegistry.LOGIN)))).isEqualTo(pulled);
            assertThat(registry.requests().subList(before, registry.requests().size()))
                    .noneMatch(path -> path.contains("/blobs/"));
            ImageReference byDigest =
                    ImageReference.parse(registry.host() + "/team/app@" + image.digest());
            assertThat(get(pull.pull(byDigest, List.of(TestRegistry.LOGIN)))).isEqualTo(pulled);
        }
    }

    @Test
    void triesAllLogins() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, false)) {
            registry.put("app", "1", image);
            ImageReference name = ImageReference.parse(registry.host() + "/app:1");
            RegistryLogin wrong = new RegistryLogin("reader", "wrong");
            List<RegistryLogin> both = List.of(wrong, TestRegistry.LOGIN);
            assertThat(get(pull(registry, "").pull(name, both)).id()).isEqualTo(image.id());
        }
    }

    @Test
    void saysWhyItIsDenied() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, true)) {
            registry.put("app", "1", image);
            ImageReference name = ImageReference.parse(registry.host() + "/app:1");
            assertFails(() -> get(pull(registry, "").pull(name, List.of())))
                    .endsWith("may require authorization: no basic auth credentials");
            RegistryLogin wrong = new RegistryLogin("reader", "wrong");
            assertFails(() -> get(pull(registry, "").pull(name, List.of(wrong))))
                    .endsWith("the registry refuses user 'reader'");
        }
    }

    @Test
    void saysThatAnImageIsNotThere() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, false)) {
            String name = registry.host() + "/none:1";
            assertFails(() ->
                            get(
                                    pull(registry, "")
                                            .pull(
                                                    ImageReference.parse(name),
                                                    List.of(TestRegistry.LOGIN))))
                    .isEqualTo(
                            "java.io.IOException: failed to pull and unpack image \""
                                    + name
                                    + "\": "
                                    + name
                                    + ": not found");
        }
    }

    @Test
    void keepsNothingOfAWrongDigest() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, false)) {
            registry.put("app", "1", image);
            List<String> digests = List.copyOf(image.blobs().keySet());
            byte[] other = List.copyOf(image.blobs().values()).get(1);
            registry.replace("/v2/app/blobs/" + digests.getFirst(), other);
            ImageReference name = ImageReference.parse(registry.host() + "/app:1");
            assertFails(() -> get(pull(registry, "").pull(name, List.of(TestRegistry.LOGIN))))
                    .contains("layer 1")
                    .contains(" was wanted");
            assertThat(images.list()).isEmpty();
        }
    }

    @Test
    void trustsNoStranger() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, false)) {
            ImagePull pull =
                    new ImagePull(
                            images,
                            new ImageAddition(images, InstantSource.system()),
                            "",
                            new RegistryTrust(null));
            ImageReference name = ImageReference.parse(registry.host() + "/app:1");
            assertFails(() -> get(pull.pull(name, List.of()))).contains("PKIX");
            assertThat(registry.requests()).isEmpty();
        }
    }

    @Test
    void pullsNamesWithoutARegistryFromTheDefaultOneOnly() throws Exception {
        try (TestRegistry registry = new TestRegistry(folder, false)) {
            registry.put("app", "latest", image);
            ImageReference name = ImageReference.parse("app");
            assertThat(pull(registry, "").canPull(name)).isFalse();
            ImagePull pull = pull(registry, registry.host());
            assertThat(pull.canPull(name)).isTrue();
            StoredImage pulled = get(pull.pull(name, List.of(TestRegistry.LOGIN)));
            assertThat(pulled.names()).containsExactly(registry.host() + "/app:latest");
        }
    }

    private ImagePull pull(TestRegistry registry, String standard) throws IOException {
        return new ImagePull(
                images,
                new ImageAddition(images, InstantSource.system()),
                standard,
                new RegistryTrust(registry.authority()));
    }

    private static StoredImage get(CompletableFuture<StoredImage> pull) throws Exception {
        return pull.get(20, TimeUnit.SECONDS);
    }

    private static AbstractStringAssert<?> assertFails(ThrowingCallable action) {
        Throwable thrown = catchThrowable(action);
        assertThat(thrown).hasCauseInstanceOf(IOException.class);
        return assertThat(String.valueOf(thrown.getCause())).startsWith("java.io.IOException: ");
    }
}
