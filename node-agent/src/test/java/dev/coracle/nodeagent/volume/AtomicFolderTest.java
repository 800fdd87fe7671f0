package dev.coracle.nodeagent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {

    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path folder;

    @Test
    void showsFilesThroughOneLinkThatIsReplaced() throws Exception {
        AtomicFolder shown = new AtomicFolder(folder);
        shown.write(Map.of("a", file("one", 0644), "sub/b", file("two", 0400)), FIRST, _ -> {});
        assertThat(Files.readSymbolicLink(folder.resolve("a"))).hasToString("..data/a");
        assertThat(Files.readSymbolicLink(folder.resolve("sub"))).hasToString("..data/sub");
        assertThat(folder.resolve("sub/b")).hasContent("two");
        assertThat(PosixModes.get(folder.resolve("sub/b").toRealPath())).isEqualTo(0400);

        shown.write(Map.of("a", file("three", 0644)), FIRST.plusSeconds(1), _ -> {});
        assertThat(folder.resolve("a")).hasContent("three");
        assertThat(names()).containsExactly("..2026_01_01_00_00_01.000000000", "..data", "a");
    }

    @Test
    void refusesAPathThatLeadsOut() {
        assertThatThrownBy(() ->
                        new AtomicFolder(folder)
                                .write(Map.of("../x", file("", 0644)), FIRST, _ -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("../x");
    }

    private String[] names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toArray(String[]::new);
        }
    }

    private static FileContent file(String text, int mode) {
        return new FileContent(text.getBytes(StandardCharsets.UTF_8), mode);
    }
}
