package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process tree under a shell that waits for it and writes down how it ended. Neither needs the
 * agent.
 */
final class NetnsContainer implements RunningContainer {

    private static final Logger log = LoggerFactory.getLogger(NetnsContainer.class);
    private static final int MOST_LOOKS = 2000;
    private static final long LOOK_NANOS = 5_000_000;
    private static final ExitStatus KILLED = new ExitStatus(137);

    private final RunRecord record;
    private final HostTools tools;
    private final ContainerOutput output;
    private final ContainerInput input;
    private final CompletableFuture<ExitStatus> exit;

    /**
     * A run whose shell is {@code process}, or has ended already.
     *
     * @param stopFollowing ends the collector's interest in {@code output}
     */
    NetnsContainer(
            RunRecord record,
            RunFolder folder,
            CompletableFuture<?> processEnd,
            HostTools tools,
            ContainerOutput output,
            Runnable stopFollowing) {
        this.record = record;
        this.tools = tools;
        this.output = output;
        this.input = new ContainerInput(folder);
        this.exit =
                processEnd.handleAsync(
                        (_, _) -> {
                            stopFollowing.run();
                            output.finish();
                            input.end();
                            return status(folder);
                        },
                        task -> {
                            Thread _ = Thread.ofVirtual().name("end-" + record.name()).start(task);
                        });
    }

    private static ExitStatus status(RunFolder folder) {
        try {
            return folder.exitStatus().orElse(KILLED);
        } catch (IOException e) {
            log.warn("an exit code is lost: {}", e.toString());
            return KILLED;
        }
    }

    RunRecord record() {
        return record;
    }

    @Override
    public String id() {
        return record.id();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit.copy();
    }

    @Override
    public void terminate() {
        first().ifPresentOrElse(this::signalEnd, this::kill);
    }

    @Override
    public long writtenBytes() {
        Optional<ProcessHandle> first = first();
        if (first.isEmpty() || !seesItsRoot(first.get().pid())) {
            return 0;
        }
        try {
            // its changes have a file system of their own
            String[] figures =
                    Tool.run(
                                    "stat",
                                    "-f",
                                    "-c",
                                    "%b %f %S",
                                    "/proc/" + first.get().pid() + "/root/")
                            .strip()
                            .split(" ", 3);
            return (Long.parseLong(figures[0]) - Long.parseLong(figures[1]))
                    * Long.parseLong(figures[2]);
        } catch (IOException e) {
            log.debug("what '{}' wrote is not known: {}", record.name(), e.toString());
            return 0;
        }
    }

    private void signalEnd(ProcessHandle process) {
        String signal = record.stopSignal();
        if (signal == null || signal.equals("TERM")) {
            boolean _ = process.destroy();
            return;
        }
        try {
            String _ =
                    Tool.run(
                            tools.shell(),
                            "-c",
                            "kill -s \"$1\" \"$2\"",
                            "sh",
                            signal,
                            Long.toString(process.pid()));
        } catch (IOException e) {
            log.warn("signal '{}' is not sent: {}", signal, e.getMessage());
            boolean _ = process.destroy();
        }
    }

    @Override
    public void kill() {
        // the kernel ends a PID namespace with its first process; others' may be shared
        first().ifPresentOrElse(
                        first -> {
                            first.descendants().forEach(ProcessHandle::destroyForcibly);
                            first.destroyForcibly();
                        },
                        this::killLaunch);
    }

    /** The container has not begun: ends what would begin it. */
    private void killLaunch() {
        record.process()
                .ifPresent(shell -> {
                    shell.descendants().forEach(ProcessHandle::destroyForcibly);
                    shell.destroyForcibly();
                });
    }

    @Override
    public ExecResult exec(List<String> command, Duration timeout) throws IOException {
        return CapturedCommand.run(
                builder(entering(command)).redirectErrorStream(true),
                String.join(" ", command),
                timeout,
                record.filtersCalls());
    }

    @Override
    public ExecSession exec(List<String> command, boolean tty) throws IOException {
        List<String> line = entering(command);
        if (!tty) {
            return NetnsExec.withPipes(builder(line), record.filtersCalls());
        }
        PseudoTerminal terminal = PseudoTerminal.open();
        // a child opens the terminal: opened here it could become this JVM's own
        List<String> inTerminal =
                new ArrayList<>(
                        List.of(
                                tools.shell(),
                                "-c",
                                "exec <>" + terminal.slave() + " >&0 2>&0; exec \"$@\"",
                                "sh",
                                tools.setsid(),
                                "-c"));
        inTerminal.addAll(line);
        return NetnsExec.withTerminal(builder(inTerminal), terminal, record.filtersCalls());
    }

    @Override
    public Attachment attach(OutputListener listener) throws IOException {
        if (exit.isDone()) {
            throw new IOException("the container is not running");
        }
        output.add(listener);
        return new Attachment() {
            @Override
            public void write(byte[] bytes) throws IOException {
                input.write(bytes);
            }

            @Override
            public void endOfInput() {
                if (record.stdinOnce()) {
                    input.end();
                }
            }

            @Override
            public void resize(int columns, int rows) {
                NetnsContainer.this.resize(columns, rows);
            }

            @Override
            public void close() {
                output.remove(listener);
                endOfInput();
            }
        };
    }

    private void resize(int columns, int rows) {
        if (!record.tty()) {
            return;
        }
        first().ifPresent(process -> {
            try {
                Path terminal =
                        Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "fd", "0"));
                if (terminal.startsWith("/dev/pts")) {
                    PseudoTerminal.resize(terminal, columns, rows);
                }
            } catch (IOException e) {
                log.debug("container '{}' is not resized: {}", record.name(), e.toString());
            }
        });
    }

    private List<String> entering(List<String> command) throws IOException {
        long pid = awaitRoot();
        List<String> line = new ArrayList<>(List.of(tools.env(), "--default-signal"));
        if (!record.join().isEmpty()) {
            String join = String.join("\n", record.join()) + "\nexec \"$@\"";
            line.addAll(List.of(tools.shell(), "-c", join, "sh"));
        }
        line.addAll(
                List.of(
                        tools.nsenter(),
                        "--target",
                        Long.toString(pid),
                        "--mount",
                        "--uts",
                        "--ipc",
                        "--net",
                        "--pid",
                        "--root",
                        "--wd"));
        line.add("--");
        line.addAll(record.drop());
        line.addAll(command);
        return line;
    }

    /** The main process, once it sees the container's files and no longer the node's. */
    private long awaitRoot() throws IOException {
        for (int i = 0; i < MOST_LOOKS && !exit.isDone(); i++) {
            Optional<ProcessHandle> first = first();
            if (first.isPresent() && seesItsRoot(first.get().pid())) {
                return first.get().pid();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (exit.isDone()) {
            throw new IOException("the container is not running");
        }
        throw new IOException("the container is not set up");
    }

    private static boolean seesItsRoot(long pid) {
        try {
            return !Files.isSameFile(Path.of("/proc/" + pid + "/root/"), Path.of("/"));
        } catch (IOException _) {
            // it has ended
            return false;
        }
    }

    private ProcessBuilder builder(List<String> line) {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(record.env());
        return builder;
    }

    long firstProcess() throws IOException {
        return first().orElseThrow(() -> new IOException("the container is not running")).pid();
    }

    private Optional<ProcessHandle> first() {
        return record.process()
                .flatMap(shell ->
                        record.hostPid()
                                ? shell.children().findFirst()
                                : ProcFiles.firstInNamespace(shell.pid()));
    }
}
