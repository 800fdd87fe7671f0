package dev.coracle.nodeagent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.nodeagent.image.TestImage.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageArchiveTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir Path folder;
    private ImageFolder images;
    private ImageArchive archive;

    @BeforeEach
    void open() {
        images = new ImageFolder(folder.resolve("images"));
        archive = new ImageArchive(images, new ImageAddition(images, CLOCK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsLayouts(boolean gzip) throws Exception {
        TestImage image =
                new TestImage(gzip)
                        .config("Entrypoint", List.of("/app"))
                        .config("Cmd", List.of("serve"))
                        .config("Env", List.of("A=1", "B=x=y"))
                        .config("WorkingDir", "/srv")
                        .config("User", "app")
                        .config("StopSignal", "SIGQUIT")
                        .layer(new Layer().file("app", "one").folder("etc"))
                        .layer(
                                new Layer()
                                        .file("etc/passwd", "app:x:7:8:App:/home/app:/bin/sh\n")
                                        .file("etc/group", "app:x:8:\nmore:x:9:other,app\n"));

        StoredImage stored = load(image.writeLayout(file(), "example.com/app:1")).getFirst();

        assertThat(stored.names()).containsExactly("example.com/app:1");
        assertThat(stored.id()).isEqualTo(image.id());
        assertThat(stored.reference()).isEqualTo("example.com/app@" + image.digest());
        Image found = store().of(images.find(reference("example.com/app:1")).orElseThrow());
        assertThat(found.commandLine(List.of(), List.of())).containsExactly("/app", "serve");
        assertThat(found.env())
                .containsEntry("A", "1")
                .containsEntry("B", "x=y")
                .containsEntry("HOME", "/home/app");
        assertThat(found.workingDirectory()).isEqualTo("/srv");
        assertThat(found.user()).isEqualTo("7:8");
        assertThat(found.content().userName()).isEqualTo("app");
        assertThat(found.content().groups()).containsExactly(9L);
        assertThat(found.content().stopSignal()).isEqualTo("QUIT");
        assertThat(images.root(stored).resolve("app")).hasContent("one").isExecutable();
    }

    @Test
    void readsWhatDockerSaves() throws Exception {
        TestImage image = new TestImage(false).layer(new Layer().file("app", "one"));
        StoredImage stored = load(image.writeSaved(file(), "busybox:1.36")).getFirst();
        assertThat(stored.reference()).isEqualTo(image.id());
        for (String name :
                List.of(
                        "busybox:1.36",
                        "docker.io/busybox:1.36",
                        "docker.io/library/busybox:1.36")) {
            assertThat(images.find(reference(name))).as(name).isPresent();
        }
        for (String name : List.of("busybox", "busybox:1.37", "example.com/busybox:1.36")) {
            assertThat(images.find(reference(name))).as(name).isEmpty();
        }
    }

    @Test
    void givesANameToTheNewestOnly() throws Exception {
        load(new TestImage(false).layer(new Layer().file("a", "1")).writeSaved(file(), "app:1"));
        TestImage second = new TestImage(false).layer(new Layer().file("a", "2"));
        load(second.writeSaved(file(), "app:1"));
        assertThat(images.list()).hasSize(2);
        assertThat(images.find(reference("app:1")).orElseThrow().id()).isEqualTo(second.id());
    }

    @Test
    void removesNamesAndWithTheLastTheImage() throws Exception {
        TestImage image = new TestImage(false).layer(new Layer().file("a", "1"));
        load(image.writeSaved(file(), "app:1"));
        load(image.writeSaved(file(), "app:2"));
        assertThat(images.list()).singleElement().extracting(i -> i.names().size()).isEqualTo(2);
        assertThat(images.remove("app:1", Set.of(image.id()))).isFalse();
        assertThatThrownBy(() -> images.remove("app:2", Set.of(image.id())))
                .hasMessage("a container runs of image '" + image.id() + "'");
        assertThat(images.remove("app:2", Set.of())).isTrue();
        assertThat(images.list()).isEmpty();
        assertThatThrownBy(() -> images.remove("app:2", Set.of()))
                .hasMessage("no image 'app:2' is here");
    }

    @Test
    void leavesNothingButImages() throws Exception {
        load(new TestImage(true).layer(new Layer().file("a", "1")).writeLayout(file(), "app:1"));
        try (Stream<Path> files = Files.list(folder.resolve("images"))) {
            assertThat(files.map(f -> f.getFileName().toString())).hasSize(2).contains(".lock");
        }
    }

    @Nested
    class Layers {

        @Test
        void replaceHideAndCover() throws Exception {
            Path root =
                    root(
                            new Layer()
                                    .file("kept", "1")
                                    .file("replaced", "1")
                                    .file("gone", "1")
                                    .file("covered/old", "1")
                                    .file("folder/file", "1")
                                    .file("becomes/folder", "1"),
                            new Layer()
                                    .file("replaced", "2")
                                    .file(".wh.gone", "")
                                    .file("covered/new", "2")
                                    .file("covered/.wh..wh..opq", "")
                                    .file(".wh.folder", "")
                                    .file("becomes", "2"));
            assertThat(root.resolve("kept")).hasContent("1");
            assertThat(root.resolve("replaced")).hasContent("2");
            assertThat(root.resolve("gone")).doesNotExist();
            assertThat(root.resolve("covered/old")).doesNotExist();
            assertThat(root.resolve("covered/new")).hasContent("2");
            assertThat(root.resolve("folder")).doesNotExist();
            assertThat(root.resolve("becomes")).hasContent("2");
        }

        @Test
        void followLinksInsideTheImage() throws Exception {
            Path root =
                    root(
                            new Layer()
                                    .file("usr/bin/a", "1")
                                    .link("bin", TarConstants.LF_SYMLINK, "/usr/bin")
                                    .link("b", TarConstants.LF_LINK, "usr/bin/a"),
                            new Layer().file("bin/c", "2"));
            assertThat(root.resolve("usr/bin/c")).hasContent("2");
            assertThat(root.resolve("b")).hasContent("1");
            assertThat(Files.isSymbolicLink(root.resolve("bin"))).isTrue();
        }

        @Test
        void keepModeAndTime() throws Exception {
            Path root = root(new Layer().folder("d").file("d/a", "1"));
            for (String name : List.of("d", "d/a")) {
                assertThat(Files.getLastModifiedTime(root.resolve(name)).toInstant())
                        .isEqualTo(Instant.parse("2023-11-14T22:13:20Z"));
            }
            assertThat(root.resolve("d/a")).isExecutable();
        }

        @Test
        void doNotReachOut() throws Exception {
            Path outside = Files.createDirectory(folder.resolve("outside"));
            Path root =
                    root(
                            new Layer()
                                    .link("out", TarConstants.LF_SYMLINK, outside.toString())
                                    .file("out/file", "1"),
                            new Layer().file("out/.wh..wh..opq", ""));
            assertThat(outside).isEmptyDirectory();
            assertThat(Files.exists(root.resolve("out"), LinkOption.NOFOLLOW_LINKS)).isTrue();
            Path bad =
                    new TestImage(false)
                            .layer(new Layer().file("../../outside/file", "1"))
                            .writeSaved(file(), "bad:1");
            assertThatThrownBy(() -> load(bad))
                    .hasMessage("'../../outside/file' leads out of the image");
            assertThat(outside).isEmptyDirectory();
        }

        private Path root(Layer... layers) throws IOException {
            TestImage image = new TestImage(true);
            for (Layer layer : layers) {
                image.layer(layer);
            }
            return images.root(load(image.writeLayout(file(), "app:1")).getFirst());
        }
    }

    @Nested
    class Refuses {

        @Test
        void aPartThatIsNotWhatItsDigestSays() throws Exception {
            TestImage image = new TestImage(false).layer(new Layer().file("a", "good"));
            Path file = image.writeLayout(file(), "app:1");
            byte[] bytes = Files.readAllBytes(file);
            String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            bytes[text.indexOf("good")] = 'f';
            Files.write(file, bytes);
            String wanted = List.copyOf(image.blobs().keySet()).getFirst();
            assertThatThrownBy(() -> load(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(
                            "layer 1, decompressed, has the digest sha256:\\w{64}, but "
                                    + wanted
                                    + " was wanted");
            assertThat(images.list()).isEmpty();
        }

        @Test
        void zstd() throws Exception {
            Path file = Files.write(file(), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0});
            assertThatThrownBy(() -> load(file)).hasMessageContaining("compressed with zstd");
        }

        @Test
        void anArchiveOfSomethingElse() throws Exception {
            Path file = Files.write(file(), new Layer().file("a", "b").bytes());
            assertThatThrownBy(() -> load(file)).hasMessageStartingWith("neither an OCI layout");
        }

        @Test
        void anImageWithoutAName() throws Exception {
            Path file =
                    new TestImage(false)
                            .layer(new Layer().file("a", "b"))
                            .writeLayout(file(), "latest");
            assertThatThrownBy(() -> load(file)).hasMessageEndingWith("give --name");
            assertThat(archive.load(file, "mine")).hasSize(1);
            assertThat(images.find(reference("mine:latest"))).isPresent();
        }

        @Test
        void aUserWhomTheImageDoesNotKnow() throws Exception {
            StoredImage stored =
                    load(new TestImage(false)
                                    .config("User", "nobody")
                                    .layer(new Layer().file("a", "b"))
                                    .writeSaved(file(), "app:1"))
                            .getFirst();
            assertThatThrownBy(() -> store().of(stored))
                    .hasMessage("unable to find user nobody: no matching entries in passwd file");
        }
    }

    private List<StoredImage> load(Path file) throws IOException {
        return archive.load(file, "");
    }

    private Path file() {
        return folder.resolve("archive.tar");
    }

    private ImageStore store() {
        return new ImageStore(folder.resolve("images.d"), images, List.of("echo"));
    }

    private static ImageReference reference(String text) {
        return ImageReference.parse(text);
    }
}
