package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raw output becomes a log, also when the one who writes it is killed in between. */
class ContainerOutputTest {

    private static final Instant NOW = Instant.parse("2024-01-01T00:00:00Z");

    @TempDir Path folder;

    private RunFolder run;
    private Path log;
    private HostTools tools;

    @BeforeEach
    void makeFolder() throws Exception {
        run = RunFolder.fresh(folder.resolve("run"));
        log = folder.resolve("logs/0.log");
        tools = HostTools.find();
    }

    @Test
    void writesLinesInTheCriFormat() throws Exception {
        print("one\ntwo\nthr");
        Files.writeString(run.stderr(), "oops\n");
        ContainerOutput output = open(CriLog.Limits.DEFAULT);
        assertThat(output.advance()).isFalse();
        assertThat(Files.readAllLines(log))
                .containsExactly(
                        NOW + " stdout F one", NOW + " stdout F two", NOW + " stderr F oops");
        print("ee");
        output.finish();
        assertThat(Files.readAllLines(log)).contains(NOW + " stdout F three");
    }

    @Test
    void splitsLinesThatAreTooLong() throws Exception {
        print("x".repeat(RawStream.LONGEST_LINE + 5) + "\n");
        open(CriLog.Limits.DEFAULT).finish();
        assertThat(Files.readAllLines(log))
                .extracting(line ->
                        line.substring(NOW.toString().length(), NOW.toString().length() + 12))
                .containsExactly(" stdout P xx", " stdout F xx");
    }

    @Test
    void neitherLosesNorDoublesALineWhenKilled() throws Exception {
        print("one\ntwo\npart");
        ContainerOutput killed = open(CriLog.Limits.DEFAULT);
        assertThat(killed.advance()).isFalse();
        // it had written a line but not yet that it had
        Files.writeString(log, NOW + " stdout F par", StandardOpenOption.APPEND);
        print("ial\nthree\n");
        open(CriLog.Limits.DEFAULT).finish();
        assertThat(texts()).containsExactly("one", "two", "partial", "three");
    }

    @Test
    void rotatesAndForgetsTheOldest() throws Exception {
        AtomicLong second = new AtomicLong();
        InstantSource ticking = () -> NOW.plusSeconds(second.getAndIncrement());
        ContainerOutput output =
                ContainerOutput.open(run, log, tools, ticking, new CriLog.Limits(100, 3));
        for (int i = 0; i < 10; i++) {
            print("line " + i + " " + "x".repeat(100) + "\n");
            assertThat(output.advance()).isFalse();
        }
        output.finish();
        assertThat(CriLog.rotated(log)).hasSize(2);
        assertThat(Files.readString(CriLog.rotated(log).getLast())).contains("line 9");
        assertThat(Files.size(log)).isZero();
    }

    @Test
    void tellsListenersEveryByteAtOnce() throws Exception {
        ContainerOutput output = open(CriLog.Limits.DEFAULT);
        List<String> heard = new ArrayList<>();
        output.add(
                new OutputListener() {
                    @Override
                    public void output(String stream, byte[] bytes) {
                        heard.add(stream + ":" + bytes.length);
                    }

                    @Override
                    public void end() {
                        heard.add("end");
                    }
                });
        print("no line end");
        assertThat(output.advance()).isFalse();
        output.finish();
        assertThat(heard).containsExactly("stdout:11", "end");
    }

    private ContainerOutput open(CriLog.Limits limits) throws IOException {
        return ContainerOutput.open(run, log, tools, InstantSource.fixed(NOW), limits);
    }

    private void print(String text) throws IOException {
        Files.writeString(run.stdout(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private List<String> texts() throws IOException {
        return Files.readAllLines(log).stream().map(line -> line.split(" ", 4)[3]).toList();
    }
}
