package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process tree in a session of its own. A command that is run in it is a process beside it, with
 * its environment and working directory.
 */
final class PlainContainer implements RunningContainer {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final RunRecord record;
    private final NetnsContainer tree;
    private final HostTools tools;

    /** What {@code tree} follows. */
    PlainContainer(RunRecord record, NetnsContainer tree, HostTools tools) {
        this.record = record;
        this.tree = tree;
        this.tools = tools;
    }

    /** Kills all that is left of a run, the processes of its session, and waits for them. */
    static void killSession(RunRecord record) {
        record.process()
                .ifPresent(shell -> {
                    shell.descendants().forEach(ProcessHandle::destroyForcibly);
                    shell.destroyForcibly();
                });
        long leader = ProcFiles.startTicks(record.pid());
        if (leader != -1 && leader != record.startTicks()) {
            // the number is another process's now, so nothing is left of the session
            return;
        }
        List<ProcessHandle> left =
                ProcessHandle.allProcesses()
                        .filter(process -> ProcFiles.session(process.pid()) == record.pid())
                        .toList();
        left.forEach(ProcessHandle::destroyForcibly);
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (left.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** It has no file system of its own. */
    @Override
    public long writtenBytes() {
        return 0;
    }

    @Override
    public String id() {
        return tree.id();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return tree.exit();
    }

    @Override
    public void terminate() {
        tree.terminate();
    }

    @Override
    public void kill() {
        tree.kill();
    }

    @Override
    public ExecResult exec(List<String> command, Duration timeout) throws IOException {
        return CapturedCommand.run(
                builder(entering(command)).redirectErrorStream(true),
                String.join(" ", command),
                timeout,
                false);
    }

    @Override
    public ExecSession exec(List<String> command, boolean tty) throws IOException {
        List<String> line = entering(command);
        if (!tty) {
            return NetnsExec.withPipes(builder(line), false);
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
        return NetnsExec.withTerminal(builder(inTerminal), terminal, false);
    }

    @Override
    public Attachment attach(OutputListener listener) throws IOException {
        return tree.attach(listener);
    }

    private List<String> entering(List<String> command) throws IOException {
        if (exit().isDone()) {
            throw new IOException("the container is not running");
        }
        List<String> line = new ArrayList<>(List.of(tools.env(), "--default-signal"));
        String enter = String.join("\n", record.join()) + "\nexec \"$@\"";
        line.addAll(List.of(tools.shell(), "-c", enter, "sh"));
        line.addAll(record.drop());
        line.addAll(command);
        return line;
    }

    private ProcessBuilder builder(List<String> line) {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(record.env());
        return builder;
    }
}
