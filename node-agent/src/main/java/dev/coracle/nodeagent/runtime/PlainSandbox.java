package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pod's plain processes. Nothing is shared between them that others do not share. */
final class PlainSandbox implements PodSandbox {

    private static final Logger log = LoggerFactory.getLogger(PlainSandbox.class);
    private static final int MOST_TRIES = 20;
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    // $1 working directory, $2 file for the reason of a failure, $3 its text, $4 the program,
    // $5 file for its errors: the shell that waits for it has its own to say
    private static final String LAUNCH =
            """
            d=$1; e=$2; t=$3; p=$4; o=$5; shift 5
            [ -z "$o" ] || exec 2>>"$o"
            mkdir -p "$d" && cd "$d" || { echo "no working directory $d" >"$e"; exit 127; }
            command -v -- "$p" >/dev/null || { echo "$t" >"$e"; exit 127; }
            exec "$@"
            """;

    private final SandboxSpec spec;
    private final String address;
    private final HostTools tools;
    private final InstantSource clock;
    private final OutputCollector collector;
    private final Set<PlainContainer> running = ConcurrentHashMap.newKeySet();

    PlainSandbox(
            SandboxSpec spec,
            String address,
            HostTools tools,
            InstantSource clock,
            OutputCollector collector) {
        this.spec = spec;
        this.address = address;
        this.tools = tools;
        this.clock = clock;
        this.collector = collector;
    }

    @Override
    public RunningContainer start(ContainerSpec container) throws IOException {
        int self = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Optional<String> refusal = PlainRefusals.of(container, self);
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
        if (container.console().tty() && tools.script().isEmpty()) {
            throw new IOException("a terminal needs 'script', which is not installed here");
        }
        Files.deleteIfExists(container.confinement().startError());
        RunFolder folder = fresh(spec.folder().resolve("runs", container.name()));
        if (container.console().stdin() || container.console().tty()) {
            String _ = Tool.run(tools.mkfifo(), "-m", "600", folder.stdin().toString());
        }
        if (Files.exists(container.log())) {
            try (FileChannel cursor = OutputCursor.open(folder.cursor())) {
                new OutputCursor(0, 0, Files.size(container.log())).write(cursor);
            }
        }
        Map<String, String> env = new LinkedHashMap<>(Map.of("PATH", PATH));
        env.putAll(PlainEnvironment.own(container, address));
        env.putAll(container.env());
        ProcessBuilder builder =
                new ProcessBuilder(
                        RunStart.of(
                                tools, folder, container.console(), command(container, folder)));
        builder.directory(spec.folder().toFile());
        builder.environment().clear();
        builder.environment().putAll(env);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.stdout().toFile()));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        RunRecord record =
                RunRecord.of(
                        RunRecord.newId(),
                        container,
                        new RunRecord.Entry(entering(container), confined(container), true, false),
                        clock.instant(),
                        process.pid(),
                        ProcFiles.startTicks(process.pid()));
        record.write(folder.record());
        return follow(record, folder, process.onExit());
    }

    /** The run before may write its last words while its folder is removed. */
    private static RunFolder fresh(Path path) throws IOException {
        for (int i = 1; ; i++) {
            try {
                return RunFolder.fresh(path);
            } catch (DirectoryNotEmptyException e) {
                if (i == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private List<String> command(ContainerSpec container, RunFolder folder) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                tools.shell(),
                                "-c",
                                LAUNCH,
                                "sh",
                                directory(container),
                                container.confinement().startError().toString(),
                                LaunchScript.startFailure(container.command().getFirst()),
                                container.command().getFirst(),
                                container.console().tty() ? "" : folder.stderr().toString()));
        command.addAll(confined(container));
        command.addAll(container.command());
        return command;
    }

    /** Shell lines that bring a further process to where the first one is. */
    private List<String> entering(ContainerSpec container) {
        List<String> lines = new ArrayList<>();
        lines.add("cd " + LaunchScript.quote(directory(container)));
        PlainEnvironment.own(container, address)
                .forEach((name, value) ->
                        lines.add("export " + name + "=" + LaunchScript.quote(value)));
        return lines;
    }

    private List<String> confined(ContainerSpec container) {
        return container.confinement().noNewPrivileges()
                ? List.of(tools.setpriv(), "--no-new-privs")
                : List.of();
    }

    /** The root is not the container's own: without another place it runs in the pod's folder. */
    private String directory(ContainerSpec container) {
        String wanted = container.workingDirectory();
        return wanted.isEmpty() || wanted.equals("/") ? spec.folder().toString() : wanted;
    }

    @Override
    public List<Adopted> adopt() throws IOException {
        return new Runs(spec.folder().resolve("runs")).adopt(this::follow);
    }

    private PlainContainer follow(RunRecord record, RunFolder folder, CompletableFuture<?> end)
            throws IOException {
        ContainerOutput output =
                ContainerOutput.open(
                        folder, Path.of(record.log()), tools, clock, CriLog.Limits.DEFAULT);
        Runnable stop = collector.follow(folder.output(), output);
        CompletableFuture<?> whole =
                end.thenRunAsync(
                        () -> PlainContainer.killSession(record),
                        task -> {
                            Thread _ = Thread.ofVirtual().name("end-session").start(task);
                        });
        PlainContainer container =
                new PlainContainer(
                        record,
                        new NetnsContainer(record, folder, whole, tools, output, stop),
                        tools);
        running.add(container);
        CompletableFuture<Void> _ = container.exit().thenRun(() -> running.remove(container));
        return container;
    }

    @Override
    public void close() {
        List<PlainContainer> dying = List.copyOf(running);
        dying.forEach(PlainContainer::kill);
        try {
            for (PlainContainer container : dying) {
                ExitStatus _ = container.exit().get(5, TimeUnit.SECONDS);
            }
            Mounts.removeBelow(spec.folder());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException e) {
            log.warn("sandbox '{}' is not wholly removed: {}", spec.id(), e.toString());
        }
    }
}
