package dev.coracle.nodeagent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

    private static final String DIGEST = "sha256:" + "0".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "nginx, '', nginx, latest",
        "nginx:1.27, '', nginx, 1.27",
        "me/app:x, '', me/app, x",
        "localhost/app, localhost, app, latest",
        "localhost:5000/app:2, localhost:5000, app, 2",
        "registry.example.com/a/b-c.d:v1, registry.example.com, a/b-c.d, v1",
        "10.0.0.1:5000/app, 10.0.0.1:5000, app, latest"
    })
    void takesNamesApart(String text, String host, String path, String tag) {
        assertThat(ImageReference.parse(text)).isEqualTo(new ImageReference(host, path, tag, ""));
    }

    @Test
    void takesDigests() {
        assertThat(ImageReference.parse("example.com/a@" + DIGEST))
                .isEqualTo(new ImageReference("example.com", "a", "", DIGEST));
        assertThat(ImageReference.parse("a:1@" + DIGEST))
                .isEqualTo(new ImageReference("", "a", "1", DIGEST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "a b", "a//b", "-a", "a:b:c", "a@sha256:1", "a:", "a/../b", "a?"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .hasMessage("couldn't parse image name \"" + text + "\": invalid reference format");
    }

    @Test
    void refusesCapitals() {
        assertThatThrownBy(() -> ImageReference.parse("Nginx"))
                .hasMessageContaining("repository name (Nginx) must be lowercase");
    }

    @Test
    void putsNamesIntoARegistry() {
        assertThat(ImageReference.parse("nginx").in("").host()).isEmpty();
        assertThat(ImageReference.parse("nginx").in("docker.io").text())
                .isEqualTo("docker.io/library/nginx:latest");
        assertThat(ImageReference.parse("nginx").in("example.com").text())
                .isEqualTo("example.com/nginx:latest");
        assertThat(ImageReference.parse("other.com/a").in("example.com").host())
                .isEqualTo("other.com");
    }
}
