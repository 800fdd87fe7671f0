package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sandbox whose namespaces are kept by bind mounts: no process holds them. */
final class NetnsSandbox implements PodSandbox {

    private static final Logger log = LoggerFactory.getLogger(NetnsSandbox.class);
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final SandboxSpec spec;
    private final HostTools tools;
    private final CarriedTools carried;
    private final InstantSource clock;
    private final OutputCollector collector;
    private final Set<NetnsContainer> running = ConcurrentHashMap.newKeySet();

    NetnsSandbox(
            SandboxSpec spec,
            HostTools tools,
            CarriedTools carried,
            InstantSource clock,
            OutputCollector collector) {
        this.spec = spec;
        this.tools = tools;
        this.carried = carried;
        this.clock = clock;
        this.collector = collector;
    }

    @Override
    public RunningContainer start(ContainerSpec container) throws IOException {
        if (container.console().tty() && tools.script().isEmpty()) {
            throw new IOException("a terminal needs 'script', which is not installed here");
        }
        Files.deleteIfExists(container.confinement().startError());
        Path given = container.image().root();
        ContainerRoot from =
                given == null ? ContainerRoot.ofNode() : ContainerRoot.ofImage(given, carried);
        Path root = spec.folder().resolve("root-" + container.name());
        Files.createDirectories(root);
        RunFolder folder = RunFolder.fresh(runs().resolve(container.name()));
        if (container.console().stdin() || container.console().tty()) {
            String _ = Tool.run(tools.mkfifo(), "-m", "600", folder.stdin().toString());
        }
        if (Files.exists(container.log())) {
            try (FileChannel cursor = OutputCursor.open(folder.cursor())) {
                new OutputCursor(0, 0, Files.size(container.log())).write(cursor);
            }
        }
        ProcessBuilder builder =
                new ProcessBuilder(
                        RunStart.of(
                                tools,
                                folder,
                                container.console(),
                                command(container, from, root, folder)));
        builder.directory(spec.folder().toFile());
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(container.env());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.stdout().toFile()));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(folder.stderr().toFile()));
        Process process = CallFilter.start(builder, container.confinement().filtersCalls());
        RunRecord record =
                RunRecord.of(
                        RunRecord.newId(),
                        container,
                        new RunRecord.Entry(
                                container.confinement().join(),
                                container
                                        .confinement()
                                        .drop(from.tool(tools.setpriv()), container.user()),
                                spec.sharing().hostPid(),
                                container.confinement().filtersCalls()),
                        clock.instant(),
                        process.pid(),
                        ProcFiles.startTicks(process.pid()));
        record.write(folder.record());
        return follow(record, folder, process.onExit());
    }

    @Override
    public List<Adopted> adopt() throws IOException {
        return new Runs(runs()).adopt(this::follow);
    }

    private NetnsContainer follow(RunRecord record, RunFolder folder, CompletableFuture<?> end)
            throws IOException {
        ContainerOutput output =
                ContainerOutput.open(
                        folder, Path.of(record.log()), tools, clock, CriLog.Limits.DEFAULT);
        Runnable stop = collector.follow(folder.output(), output);
        NetnsContainer container = new NetnsContainer(record, folder, end, tools, output, stop);
        running.add(container);
        CompletableFuture<Void> _ = container.exit().thenRun(() -> running.remove(container));
        return container;
    }

    private List<String> command(
            ContainerSpec container, ContainerRoot from, Path root, RunFolder folder)
            throws IOException {
        String script =
                LaunchScript.of(
                        tools,
                        from,
                        root,
                        spec.folder(),
                        from.isNodes() ? NodeMounts.here() : NodeMounts.NONE,
                        container);
        List<String> command = new ArrayList<>();
        command.add(tools.nsenter());
        command.add("--net=" + spec.networkNamespace());
        command.add("--uts=" + spec.namespaces().resolve("uts"));
        if (!spec.sharing().hostIpc()) {
            command.add("--ipc=" + spec.namespaces().resolve("ipc"));
        }
        boolean joins = !container.target().isEmpty() && !spec.sharing().hostPid();
        if (joins) {
            command.add("--pid=/proc/" + firstProcess(container.target()) + "/ns/pid");
        } else if (spec.sharing().podPid()) {
            command.add("--pid=/proc/" + PodReaper.start(tools, spec.folder()) + "/ns/pid");
        }
        command.addAll(List.of(tools.unshare(), "--mount"));
        boolean ownPids = !joins && !spec.sharing().hostPid() && !spec.sharing().podPid();
        if (ownPids) {
            command.add("--pid");
        }
        boolean follows =
                container.mounts().stream()
                        .anyMatch(m -> m.propagation() != ContainerSpec.Propagation.PRIVATE);
        command.addAll(List.of("--propagation", follows ? "slave" : "private", tools.shell()));
        if (ownPids) {
            // its child is the first process of the namespace, and it tells of a signal
            String wait = "exec 3>&2 2>/dev/null; \"$@\" 2>&3 3>&-; exit $?";
            command.addAll(List.of("-c", wait, "sh", tools.shell()));
        }
        // not an argument: one may have 128 KiB at most, and a node has many folders
        Files.writeString(folder.launch(), script);
        command.add(folder.launch().toString());
        return command;
    }

    private long firstProcess(String container) throws IOException {
        for (NetnsContainer each : running) {
            if (each.record().name().equals(container)) {
                return each.firstProcess();
            }
        }
        throw new IOException("container '" + container + "' is not running");
    }

    private Path runs() {
        return spec.folder().resolve("runs");
    }

    @Override
    public void close() {
        PodReaper.end(spec.folder());
        List<NetnsContainer> dying = List.copyOf(running);
        dying.forEach(NetnsContainer::kill);
        try {
            for (NetnsContainer container : dying) {
                ExitStatus _ = container.exit().get(5, TimeUnit.SECONDS);
            }
            Mounts.removeBelow(spec.namespaces());
            Mounts.removeBelow(spec.folder());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException e) {
            log.warn("sandbox '{}' is not wholly removed: {}", spec.id(), e.toString());
        }
    }
}
