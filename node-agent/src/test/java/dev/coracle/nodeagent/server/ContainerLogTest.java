package dev.coracle.nodeagent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What of a log is sent for which query. */
class ContainerLogTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2024-01-01T00:00:10Z"));

    @TempDir Path folder;

    private Path log;

    @BeforeEach
    void write() throws Exception {
        log = folder.resolve("0.log");
        // the older file of two
        Files.writeString(
                folder.resolve("0.log.20240101-000001"), "2024-01-01T00:00:01Z stdout F one\n");
        Files.writeString(
                log,
                """
                2024-01-01T00:00:02Z stderr F two
                2024-01-01T00:00:03Z stdout P th
                2024-01-01T00:00:03Z stdout F ree
                2024-01-01T00:00:09Z stdout F four
                """);
    }

    private static LogQuery query(String text) {
        Map<String, List<String>> query =
                Arrays.stream(text.split("&", -1))
                        .filter(each -> !each.isEmpty())
                        .map(each -> each.split("=", 2))
                        .collect(Collectors.toMap(each -> each[0], each -> List.of(each[1])));
        return LogQuery.of(query, CLOCK);
    }

    static Stream<Arguments> queries() {
        return Stream.of(
                argumentSet("all, across files", "", "one\ntwo\nthree\nfour\n"),
                argumentSet("the last lines, parts being one", "tailLines=2", "three\nfour\n"),
                argumentSet("no lines", "tailLines=0", ""),
                argumentSet("so many bytes", "limitBytes=6", "one\ntw"),
                argumentSet("since a time", "sinceTime=2024-01-01T00:00:03Z", "three\nfour\n"),
                argumentSet("the last seconds", "sinceSeconds=2", "four\n"),
                argumentSet(
                        "with times", "tailLines=1&timestamps=true", "2024-01-01T00:00:09Z four\n"),
                argumentSet("both", "tailLines=1&sinceSeconds=9", "four\n"));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void sends(String query, String text) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ContainerLog(log, query(query)).send(out, () -> true);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(text);
    }

    @Test
    void followsAcrossARotationUntilTheContainerEnds() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] turns = {0};
        new ContainerLog(log, query("follow=true&tailLines=1"))
                .send(
                        out,
                        () -> {
                            try {
                                if (turns[0]++ == 0) {
                                    append("2024-01-01T00:00:10Z stdout F five\n");
                                    Files.move(log, folder.resolve("0.log.20240101-000010"));
                                    append("2024-01-01T00:00:10Z stdout F six\n");
                                }
                            } catch (java.io.IOException e) {
                                throw new AssertionError(e);
                            }
                            return turns[0] > 1;
                        });
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("four\nfive\nsix\n");
    }

    @Test
    void refusesWhatIsNoNumber() {
        assertThatThrownBy(() -> query("tailLines=x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tailLines");
    }

    private void append(String line) throws java.io.IOException {
        Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
