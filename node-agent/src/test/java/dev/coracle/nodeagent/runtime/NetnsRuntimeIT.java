package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes in real namespaces; runs as root. */
class NetnsRuntimeIT extends ContainerRuntimeConformance {

    private static final String NAMESPACE = "corruntime" + ProcessHandle.current().pid();

    @BeforeAll
    static void addNamespace() throws Exception {
        dev.coracle.fabric.island.Namespaces.add(NAMESPACE);
    }

    @AfterAll
    static void removeNamespace() throws Exception {
        dev.coracle.fabric.island.Namespaces.remove(List.of(NAMESPACE));
    }

    @Override
    ContainerRuntime runtime() {
        try {
            return new NetnsRuntime(InstantSource.system(), folder.resolve("tools"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    Path networkNamespace() {
        return Path.of("/run/netns", NAMESPACE);
    }

    @Test
    void showsTheContainerItsOwnWorld() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            shell(
                                    "one",
                                    """
                                    echo $GREETING from $(hostname) in $(pwd) as pid $$
                                    tail -n 1 /etc/hosts; cat /etc/resolv.conf /etc/hostname
                                    ls /sys/class/net | wc -l > /dev/null; ip -o link | wc -l
                                    ps ax | grep -c '[s]h -c'
                                    echo problem >&2
                                    touch /coracle-was-here\
                                    """));
            assertThat(exit(container).isSuccess()).isTrue();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(() ->
                            assertThat(log("one"))
                                    .contains(
                                            "stdout F hello from my-pod in /tmp as pid 1",
                                            "stdout F 10.0.0.9 my-pod",
                                            "stdout F nameserver 10.96.0.10",
                                            "stdout F my-pod",
                                            "stderr F problem"));
            assertThat(Path.of("/coracle-was-here")).doesNotExist();
        }
    }

    @Test
    void executesOnlyOnceTheContainerIsSetUp() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container = sandbox.start(shell("one", "sleep 600"));
            ExecResult result =
                    container.exec(List.of("cat", "/etc/hostname"), Duration.ofSeconds(10));
            assertThat(result).isEqualTo(new ExecResult(0, "my-pod\n"));
        }
    }

    @Test
    void refusesSystemCallsThatRuntimesRefuse() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            ContainerSpec plain =
                    shell(
                            "one",
                            "grep Seccomp: /proc/self/status; unshare --user true && echo made");
            Confinement c = plain.confinement();
            ContainerSpec filtered =
                    new ContainerSpec(
                            plain.name(),
                            plain.command(),
                            plain.env(),
                            "/",
                            "",
                            List.of(),
                            plain.log(),
                            new Confinement(
                                    false,
                                    true,
                                    false,
                                    true,
                                    false,
                                    c.capabilities(),
                                    List.of(),
                                    List.of(),
                                    c.startError()),
                            plain.console(),
                            0,
                            "image");
            assertThat(exit(sandbox.start(filtered)).code()).isNotZero();
            assertThat(log("one"))
                    .contains("Seccomp:\t2", "Operation not permitted")
                    .doesNotContain("made");
        }
    }

    @Test
    void mountsVolumesWhereNothingWas() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("key"), "value\n");
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            ContainerSpec spec =
                    new ContainerSpec(
                            "one",
                            List.of(
                                    "sh",
                                    "-c",
                                    "cat /no/where/key; id -u; touch /no/where/new || exit 9"),
                            Map.of(),
                            "/",
                            "1234",
                            List.of(new ContainerSpec.Mount(data, "/no/where", true)),
                            folder.resolve("one.log"),
                            Confinement.standard(folder.resolve("one.error")),
                            ContainerSpec.Console.NONE,
                            0,
                            "image");
            assertThat(exit(sandbox.start(spec)).code()).isEqualTo(9);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(
                            () -> assertThat(log("one")).contains("stdout F value", "F 1234"));
        }
    }

    @Test
    void executesInsideAndTerminatesGracefully() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            shell(
                                    "one",
                                    "trap 'exit 5' TERM; touch /ready; while :; do sleep 0.05;"
                                            + " done"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() ->
                            container
                                            .exec(
                                                    List.of("test", "-e", "/ready"),
                                                    Duration.ofSeconds(2))
                                            .code()
                                    == 0);
            container.terminate();
            assertThat(container.exit().get(5, TimeUnit.SECONDS).code()).isEqualTo(5);
        }
    }

    @Test
    void leavesNoMountBehind() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThat(exit(sandbox.start(shell("one", "exit 0"))).isSuccess()).isTrue();
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(folder.toString());
    }

    @Test
    void goesOnWithoutItsAgentAndIsFoundByTheNext() throws Exception {
        NetnsRuntime first = new NetnsRuntime(InstantSource.system(), folder.resolve("tools"));
        try (PodSandbox sandbox = first.createSandbox(spec())) {
            String waits = "echo early; until [ -e /go ]; do sleep 0.05; done; echo late; exit 7";
            RunningContainer lost = sandbox.start(shell("one", waits));
            assertThat(exit(sandbox.start(shell("two", "exit 3"))).code()).isEqualTo(3);
            first.close();
            try (NetnsRuntime second =
                    new NetnsRuntime(InstantSource.system(), folder.resolve("tools"))) {
                List<PodSandbox.Adopted> adopted = second.findSandbox(spec()).orElseThrow().adopt();
                assertThat(adopted)
                        .extracting(PodSandbox.Adopted::container)
                        .containsExactly("one", "two");
                assertThat(exit(adopted.get(1).run()).code()).isEqualTo(3);
                assertThat(adopted.get(1).endedAt()).isNotNull();
                assertThat(adopted.getFirst().endedAt()).isNull();
                RunningContainer found = adopted.getFirst().run();
                assertThat(found.id()).isEqualTo(lost.id());
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .until(() ->
                                found.exec(List.of("touch", "/go"), Duration.ofSeconds(5)).code()
                                        == 0);
                assertThat(exit(found).code()).isEqualTo(7);
                assertThat(log("one").lines().map(line -> line.split(" ", 4)[3]))
                        .containsExactly("early", "late");
            }
        }
    }

    @Test
    void givesAContainerATerminalAndAnInput() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            ContainerSpec spec =
                    new ContainerSpec(
                            "one",
                            List.of("sh", "-c", "read line; stty size; echo got $line; tty"),
                            Map.of("PATH", "/usr/bin:/bin", "SHELL", "/no/shell"),
                            "/",
                            "",
                            List.of(),
                            folder.resolve("one.log"),
                            Confinement.standard(folder.resolve("one.error")),
                            new ContainerSpec.Console(true, true, true),
                            0,
                            "image");
            RunningContainer container = sandbox.start(spec);
            List<String> seen = new CopyOnWriteArrayList<>();
            try (Attachment attachment =
                    container.attach(
                            new OutputListener() {
                                @Override
                                public void output(String stream, byte[] bytes) {
                                    seen.add(new String(bytes, StandardCharsets.UTF_8));
                                }

                                @Override
                                public void end() {
                                    seen.add("END");
                                }
                            })) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .until(() ->
                                container.exec(List.of("true"), Duration.ofSeconds(2)).code() == 0);
                attachment.resize(91, 17);
                attachment.write("words\n".getBytes(StandardCharsets.UTF_8));
                assertThat(exit(container).code()).isZero();
            }
            assertThat(String.join("", seen))
                    .contains("17 91", "got words", "/dev/pts/")
                    .endsWith("END");
        }
    }

    @Test
    void talksToACommandInAContainer() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container = sandbox.start(shell("one", "sleep 600"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() ->
                            container.exec(List.of("true"), Duration.ofSeconds(2)).code() == 0);
            try (ExecSession session =
                    container.exec(
                            List.of("sh", "-c", "cat; echo $GREETING; echo bad >&2; exit 4"),
                            false)) {
                session.stdin().write("typed\n".getBytes(StandardCharsets.UTF_8));
                session.stdin().close();
                assertThat(text(session.stdout())).isEqualTo("typed\nhello\n");
                assertThat(text(session.stderr())).isEqualTo("bad\n");
                assertThat(session.await()).isEqualTo(4);
            }
            try (ExecSession session =
                    container.exec(List.of("sh", "-c", "read a; stty size; exit 5"), true)) {
                session.resize(80, 25);
                session.stdin().write("x\n".getBytes(StandardCharsets.UTF_8));
                assertThat(text(session.stdout())).isEqualTo("x\r\n25 80\r\n");
                assertThat(session.await()).isEqualTo(5);
            }
        }
    }

    /** A colon in its name cannot be said to an overlay: the image is copied then. */
    @ParameterizedTest
    @ValueSource(strings = {"image", "image:copied"})
    void runsAnImageOfOneStaticProgram(String name) throws Exception {
        Path image = Files.createDirectories(folder.resolve(name));
        Path busybox = Tool.find("busybox").orElseThrow();
        Path _ = Files.copy(busybox, image.resolve("busybox"), StandardCopyOption.COPY_ATTRIBUTES);
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            RunningContainer container =
                    sandbox.start(
                            ofImage(
                                    image,
                                    "trap 'exit 6' QUIT; /busybox id; /busybox pwd; /busybox ls /;"
                                            + " /busybox grep ' / rw' /proc/self/mountinfo;"
                                            + " /busybox ls -l /proc/self/fd;"
                                            + " /busybox grep Cap /proc/self/status; echo >/new;"
                                            + " while :; do /busybox sleep 0.1; done"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(() ->
                            assertThat(log("one"))
                                    .contains("F uid=7 gid=8 groups=8", "F /work", "F busybox")
                                    .contains("CapEff:\t0000000000000000")
                                    .contains("/new: Permission denied")
                                    .doesNotContain(" 9 ->", "F usr"));
            ExecResult inside =
                    container.exec(List.of("/busybox", "id", "-u"), Duration.ofSeconds(5));
            assertThat(inside).isEqualTo(new ExecResult(0, "7\n"));
            assertThat(container.exec(List.of("sh"), Duration.ofSeconds(5)).code()).isNotZero();
            assertThat(container.writtenBytes()).isPositive();
            assertThat(log("one").contains(" - overlay ")).isEqualTo(name.equals("image"));
            container.terminate();
            assertThat(exit(container).code()).isEqualTo(6);
        }
        assertThat(image.resolve("new")).doesNotExist();
        assertThat(image.resolve("proc")).doesNotExist();
    }

    @Test
    void saysWhatAnImageLacks() throws Exception {
        Path image = Files.createDirectories(folder.resolve("image"));
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThat(exit(sandbox.start(ofImage(image, "true"))).code()).isEqualTo(127);
            assertThat(folder.resolve("one.error"))
                    .content()
                    .contains("exec: \"/busybox\": stat /busybox: no such file or directory");
        }
    }

    @Test
    void refusesAnImageWhoseFoldersLeadElsewhere() throws Exception {
        Path image = Files.createDirectories(folder.resolve("image"));
        Path _ = Files.createSymbolicLink(image.resolve("dev"), folder);
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            assertThatThrownBy(() -> sandbox.start(ofImage(image, "true")))
                    .hasMessage("the image's /dev is not a folder");
        }
    }

    @Test
    void keepsAProgramThatMayChangeItsRootInside() throws Exception {
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            // the classic way out of chroot(2)
            String escape =
                    """
                    command -v perl >/dev/null || exit 9
                    touch /inside
                    perl -e 'mkdir "/tmp/x"; chroot("/tmp/x"); chdir("..") for 1..50; chroot(".");
                      exit(-e "/inside" ? 0 : 1)'
                    """;
            assertThat(exit(sandbox.start(shell("one", escape))).code()).isZero();
        }
    }

    @Test
    void setsUpWhatIsLongerThanOneArgument() throws Exception {
        String half = "x".repeat(100_000);
        try (PodSandbox sandbox = runtime().createSandbox(spec())) {
            String script = "exit $(((${#1} + ${#2}) / 1000 - 190))";
            ContainerSpec wordy = container("one", List.of("sh", "-c", script, "sh", half, half));
            assertThat(exit(sandbox.start(wordy)).code()).isEqualTo(10);
        }
    }

    private ContainerSpec ofImage(Path image, String script) {
        return new ContainerSpec(
                "one",
                List.of("/busybox", "sh", "-c", script),
                Map.of("PATH", "/bin"),
                "/work",
                "7:8",
                List.of(),
                folder.resolve("one.log"),
                Confinement.standard(folder.resolve("one.error")),
                ContainerSpec.Console.NONE,
                0,
                "image",
                "",
                new ContainerSpec.FromImage(image, "QUIT"));
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }
}
