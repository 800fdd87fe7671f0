package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process tree under an {@code unshare} that waits for the first process of the PID namespace and
 * ends as it ends.
 */
final class NetnsContainer implements RunningContainer {

    private final String id;
    private final Process process;
    private final HostTools tools;
    private final Map<String, String> env;
    private final CompletableFuture<ExitStatus> exit;

    NetnsContainer(String id, Process process, HostTools tools, Map<String, String> env) {
        this.id = id;
        this.process = process;
        this.tools = tools;
        this.env = env;
        this.exit = process.onExit().thenApply(ended -> new ExitStatus(ended.exitValue()));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit.copy();
    }

    @Override
    public void terminate() {
        first().ifPresentOrElse(ProcessHandle::destroy, process::destroyForcibly);
    }

    @Override
    public void kill() {
        // the kernel ends a PID namespace with its first process
        first().ifPresent(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public int exec(List<String> command, Duration timeout) throws IOException {
        long pid = first().orElseThrow(() -> new IOException("the container is not running")).pid();
        List<String> line =
                new ArrayList<>(
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
        line.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(env);
        Process executed = builder.start();
        try {
            if (executed.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return executed.exitValue();
            }
            executed.descendants().forEach(ProcessHandle::destroyForcibly);
            executed.destroyForcibly();
            throw new IOException("command timed out after " + timeout.toSeconds() + "s");
        } catch (InterruptedException e) {
            executed.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Optional<ProcessHandle> first() {
        return process.toHandle().children().findFirst();
    }
}
