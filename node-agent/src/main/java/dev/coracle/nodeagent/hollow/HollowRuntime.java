package dev.coracle.nodeagent.hollow;

import dev.coracle.nodeagent.runtime.Attachment;
import dev.coracle.nodeagent.runtime.ContainerRuntime;
import dev.coracle.nodeagent.runtime.ContainerSpec;
import dev.coracle.nodeagent.runtime.ExecResult;
import dev.coracle.nodeagent.runtime.ExecSession;
import dev.coracle.nodeagent.runtime.ExitStatus;
import dev.coracle.nodeagent.runtime.OutputListener;
import dev.coracle.nodeagent.runtime.PodSandbox;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.runtime.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Containers that run at once, do nothing, and end when they are asked to. */
final class HollowRuntime implements ContainerRuntime {

    @Override
    public String version() {
        return "hollow://0";
    }

    @Override
    public PodSandbox createSandbox(SandboxSpec spec) {
        return new Sandbox();
    }

    @Override
    public Optional<PodSandbox> findSandbox(SandboxSpec spec) {
        return Optional.empty();
    }

    @Override
    public void discard(Path namespaces, Path folder) {
        // there is nothing of it
    }

    private static final class Sandbox implements PodSandbox {

        private final CompletableFuture<ExitStatus> end = new CompletableFuture<>();

        @Override
        public RunningContainer start(ContainerSpec spec) {
            Running container = new Running();
            CompletableFuture<Void> _ = end.thenAccept(container.exit()::complete);
            return container;
        }

        @Override
        public List<Adopted> adopt() {
            return List.of();
        }

        @Override
        public void close() {
            end.complete(new ExitStatus(137));
        }
    }

    private static final class Running implements RunningContainer {

        private final String id = UUID.randomUUID().toString();
        private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

        @Override
        public String id() {
            return id;
        }

        @Override
        public CompletableFuture<ExitStatus> exit() {
            return exit;
        }

        @Override
        public void terminate() {
            exit.complete(new ExitStatus(0));
        }

        @Override
        public void kill() {
            exit.complete(new ExitStatus(137));
        }

        @Override
        public long writtenBytes() {
            return 0;
        }

        @Override
        public ExecResult exec(List<String> command, Duration timeout) throws IOException {
            throw refusal();
        }

        @Override
        public ExecSession exec(List<String> command, boolean tty) throws IOException {
            throw refusal();
        }

        @Override
        public Attachment attach(OutputListener listener) throws IOException {
            throw refusal();
        }

        private static IOException refusal() {
            return new IOException("a hollow container runs nothing");
        }
    }
}
